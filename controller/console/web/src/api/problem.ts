// What the controller answers when it does not do what was asked (RFC 9457), made fit for people. Its
// titles are those of HTTP; the sentences that help stand in its details.

export interface FieldProblem {
  location?: string;
  message?: string;
}

/** A refusal or a failure: what happened, why, and what to do. */
export class Problem extends Error {
  override name = 'Problem';
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly fields: FieldProblem[];
  /** The whole answer, for refusals that carry more, as a stale write does. */
  readonly body: Record<string, unknown>;

  constructor(status: number, title: string, detail: string, fields: FieldProblem[] = [], body: Record<string, unknown> = {}) {
    super(detail ? `${title}: ${detail}` : title);
    this.status = status;
    this.title = title;
    this.detail = detail;
    this.fields = fields;
    this.body = body;
  }

  /** Nothing was written because somebody else wrote first. */
  get stale(): boolean {
    return this.status === 412;
  }
}

/** Reads a refusal. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = await jsonOf(response);
  const fields = Array.isArray(body.errors) ? (body.errors as FieldProblem[]) : [];
  const detail = text(body.detail);
  const said = detail === 'internal error' ? '' : detail;
  return new Problem(response.status, fallback(response.status), said || wayOut(response.status), fields, body);
}

/** A refusal without an answer: the controller was not reached. */
export function unreachable(): Problem {
  return new Problem(0, 'The controller does not answer',
    'Screens play on without it. Check your network; this page tries again by itself where it shows live figures.');
}

/** Whatever was thrown, as a Problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem(0, 'The console met an error', thrown instanceof Error ? thrown.message : String(thrown));
}

async function jsonOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function fallback(status: number): string {
  const titles: Record<number, string> = {
    403: 'You may not do that', 404: 'There is no such thing here', 409: 'That does not fit what is there already',
    412: 'Somebody else changed this meanwhile', 413: 'That is too large', 422: 'Something needs a change first',
    429: 'Too many tries', 503: 'Not at this moment',
  };
  return titles[status] ?? (status >= 500 ? 'The controller met an error' : `The controller refused (${status})`);
}

function wayOut(status: number): string {
  if (status === 403) return 'Ask an administrator of this controller.';
  if (status === 404) return 'It may have been removed. Go back to the list and look again.';
  return status >= 500 ? 'Nothing was changed. Try again; if it stays, look at the controller’s log.' : '';
}
