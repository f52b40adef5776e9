// Uploads by XMLHttpRequest, the only way in which browsers tell how far the sending is.
import { t } from '../texts';
import { api } from './calls';
import { Problem, unreachable } from './problem';
import type { Upload } from './types';

/** Sends a file; progress is told as a part from 0 to 1. */
export function sendFile(file: File, progress: (part: number) => void): Promise<Upload> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/uploads?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    request.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    request.onerror = () => reject(unreachable());
    request.onload = () => settle(request, resolve, reject);
    request.send(file);
  });
}

function settle(request: XMLHttpRequest, resolve: (upload: Upload) => void, reject: (problem: Problem) => void): void {
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(request.responseText) as Record<string, unknown>;
  } catch {
    // A proxy's answer may be no JSON; the status says enough.
  }
  if (request.status >= 200 && request.status < 300) {
    resolve(body as unknown as Upload);
    return;
  }
  const title = t.problems.uploadRefused;
  const detail = typeof body.detail === 'string' ? body.detail : t.problems.answered(request.status);
  reject(new Problem(request.status, title, detail));
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
