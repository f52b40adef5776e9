// What the controller answers when it does not do what was asked (RFC 9457), made fit for people. Its
// titles are those of HTTP, and said here in the person's language; so are its sentences, by their codes.

import { said, type Phrase } from '../lib/said';
import { t } from '../texts';

export interface FieldProblem extends Phrase {
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

  /** The same, said of other fields. */
  at(change: (location: string) => string): Problem {
    const fields = this.fields.map((f) => ({ ...f, ...(f.location ? { location: change(f.location) } : {}) }));
    return new Problem(this.status, this.title, this.detail, fields, this.body);
  }

  /** Nothing was written because somebody else wrote first. */
  get stale(): boolean {
    return this.status === 412;
  }
}

/** Reads a refusal. */
export async function problemOf(response: Response): Promise<Problem> {
  const body = await jsonOf(response);
  const fields = (Array.isArray(body.errors) ? (body.errors as FieldProblem[]) : []).map((field) => ({ ...field, message: said(field, field.message ?? '') }));
  const detail = text(body.detail);
  const why = detail === 'internal error' ? '' : said(body as Phrase, detail);
  return new Problem(response.status, fallback(response.status), why || wayOut(response.status), fields, body);
}

/** A refusal without an answer: the controller was not reached. */
export function unreachable(): Problem {
  return new Problem(0, t.problems.unreachable, t.problems.unreachableHelp);
}

/** Whatever was thrown, as a Problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem(0, t.problems.consoleError, thrown instanceof Error ? thrown.message : String(thrown));
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
  const { problems } = t;
  const titles: Record<number, string> = {
    403: problems.denied, 404: problems.missing, 409: problems.unfit, 412: problems.stale, 413: problems.tooLarge, 422: problems.invalid,
    429: problems.tooMany, 503: problems.notNow,
  };
  return titles[status] ?? (status >= 500 ? problems.failed : problems.refused(status));
}

function wayOut(status: number): string {
  if (status === 403) return t.problems.deniedHelp;
  if (status === 404) return t.problems.missingHelp;
  return status >= 500 ? t.problems.failedHelp : '';
}
