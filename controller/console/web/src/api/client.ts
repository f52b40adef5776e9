// The one way to the controller: a client that knows its OpenAPI document, and refusals made fit for people.
import createClient from 'openapi-fetch';
import { unsaved } from '../lib/edits.svelte';
import { session } from '../lib/session.svelte';
import { skew } from '../lib/skew';
import { t } from '../texts';
import { Problem, problemOf, unreachable } from './problem';
import type { paths } from './schema';

export const client = createClient<paths>({ baseUrl: location.origin, credentials: 'same-origin', fetch: reach });

client.use({
  async onResponse({ response }) {
    if (response.ok || response.status === 304) return;
    if (response.status === 401) signIn();
    throw await problemOf(response);
  },
});

async function reach(request: Request): Promise<Response> {
  try {
    const asked = Date.now();
    const answer = await fetch(request);
    skew.note(answer.headers.get('Date'), asked, Date.now());
    return answer;
  } catch (thrown) {
    if (request.signal.aborted) throw thrown;
    throw unreachable();
  }
}

/** Goes to the page that signs people in, which leads back here; over what is not saved, asks on this page. */
function signIn(): never {
  if (unsaved()) session.end();
  else location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  throw new Problem(401, t.problems.signedOut, t.problems.signedOutHelp);
}

/** What an answer holds. */
export function given<T>(answer: { data?: T }): T {
  if (answer.data === undefined) throw new Problem(0, t.problems.empty, t.problems.emptyHelp);
  return answer.data;
}
