// Uploads in pieces, by the tus protocol: what was sent is not sent again, whatever happens in between.
import type { Upload as Sender } from 'tus-js-client';
import { said, type Phrase } from '../lib/said';
import { t } from '../texts';
import { api } from './calls';
import { Problem, unreachable } from './problem';
import type { Upload } from './types';

const begin = '/api/v1/uploads/resumable';
const place = (id: string): string => `/api/v1/uploads/${encodeURIComponent(id)}`;

/** Bytes of a piece: what a proxy that holds pieces back passes on at once, and what is sent again at most. */
const piece = 8 << 20;

/** By what a file is known again when it is chosen once more. */
export function markOf(file: File): string {
  return `${file.size} ${file.lastModified} ${file.name}`.slice(0, 400);
}

/** How the sending of a file goes on. */
export interface Hearing {
  /** So many bytes have come. */
  came: (bytes: number) => void;
  /** The controller cannot be reached; it is tried again. */
  waits: (away: boolean) => void;
  signal: AbortSignal;
}

/** Sends a file, or what is missing of it if it was begun before, for as long as it takes. */
export async function sendFile(file: File, hearing: Hearing): Promise<Upload> {
  const { Upload: Tus } = await import('tus-js-client');
  const begun = await patiently(hearing, () => begunBefore(file));
  if (begun && begun.state !== 'receiving') return begun;
  const sender = new Tus(file, {
    endpoint: begin, uploadUrl: begun ? place(begun.id) : null, chunkSize: piece, retryDelays: null, storeFingerprintForResuming: false,
    metadata: { filename: file.name, mark: markOf(file) },
  });
  const furthest = { byte: 0 };
  await patiently(hearing, async () => ((await given(sender)) ? undefined : attempt(sender, hearing, furthest)));
  return api.upload(idOf(sender));
}

const idOf = (sender: Sender): string => sender.url?.split('/').at(-1) ?? '';

/** One's own upload of the same file, unless it was refused. */
async function begunBefore(file: File): Promise<Upload | undefined> {
  return (await api.uploads()).find((u) => u.mark === markOf(file) && u.state !== 'refused');
}

/** Reports whether the controller has refused the file meanwhile: then it says why, and there is no more to send. */
async function given(sender: Sender): Promise<boolean> {
  if (!sender.url) return false;
  try {
    return (await api.upload(idOf(sender))).state === 'refused';
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status === 404) return false; // it was given up long ago: a new one is begun
    throw thrown;
  }
}

/** Sends until all has come or something is in the way. */
function attempt(sender: Sender, hearing: Hearing, furthest: { byte: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      void sender.abort();
      reject(stopped());
    };
    hearing.signal.addEventListener('abort', stop, { once: true });
    const over = (then: () => void): void => {
      hearing.signal.removeEventListener('abort', stop);
      then();
    };
    Object.assign(sender.options, {
      onProgress: (sent: number) => {
        if (sent > furthest.byte) hearing.waits(false);
        furthest.byte = Math.max(furthest.byte, sent);
        hearing.came(sent);
      },
      onSuccess: () => over(resolve),
      onError: (error: Error) => over(() => reject(problemIn(error))),
    });
    sender.start();
  });
}

/** What an answer to a piece says. */
function problemIn(error: Error): Problem {
  const answer = 'originalResponse' in error ? (error.originalResponse as { getStatus(): number; getBody(): string } | null) : null;
  if (!answer) return unreachable();
  let detail = t.problems.answered(answer.getStatus());
  try {
    const body = JSON.parse(answer.getBody()) as Phrase & { detail?: string };
    if (body.detail) detail = said(body, body.detail);
  } catch {
    // A proxy's answer may be no JSON; the status says enough.
  }
  return new Problem(answer.getStatus(), t.problems.uploadRefused, detail);
}

const stopped = (): DOMException => new DOMException('stopped', 'AbortError');

/** Whether trying again helps: the network is away, the controller is started anew, or another request has the upload still. */
function passing(problem: Problem): boolean {
  const { status } = problem;
  return status === 0 || status === 409 || status === 423 || (status >= 500 && status !== 507);
}

/** Does something until it is done, longer apart each time while the controller is away. */
async function patiently<T>(hearing: Hearing, work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    if (hearing.signal.aborted) throw stopped();
    try {
      const done = await work();
      hearing.waits(false);
      return done;
    } catch (thrown) {
      if (!(thrown instanceof Problem) || !passing(thrown)) throw thrown;
      hearing.waits(true);
    }
    await new Promise((wake) => setTimeout(wake, Math.min(500 * 2 ** tries, 5000)));
  }
}

/** Calls off what was begun of a file, and leaves nothing of it. */
export async function callOff(file: File): Promise<void> {
  const begun = (await api.uploads()).filter((u) => u.mark === markOf(file) && !['ready', 'refused'].includes(u.state));
  for (const { id } of begun) await api.cancelUpload(id);
}

/** How often in a row the controller may be away: about two minutes. It goes on with an upload when it is back. */
const mostMissed = 170;

/** Waits until the controller has made a rendition of an upload or refused it. */
export async function settled(upload: Upload, progress: (upload: Upload) => void): Promise<Upload> {
  let now = upload;
  let missed = 0;
  while (now.state !== 'ready' && now.state !== 'refused') {
    await new Promise((wake) => setTimeout(wake, 700));
    try {
      now = await api.upload(upload.id);
      missed = 0;
      progress(now);
    } catch (thrown) {
      if (!(thrown instanceof Problem) || (thrown.status !== 0 && thrown.status < 500) || ++missed > mostMissed) throw thrown;
    }
  }
  return now;
}
