// A session that has ended while something is typed: it can begin again without leaving the page.
import { locale, t } from '../texts';

let over = $state(false);

export const session = {
  /** The person was signed out, and the page waits. */
  get over() {
    return over;
  },
  end(): void {
    over = true;
  },
  /** Begun again, or left for later. */
  go(): void {
    over = false;
  },
};

/** Signs in without leaving the page; what the controller says against it, or nothing. */
export async function signInAgain(name: string, password: string): Promise<string> {
  try {
    const answer = await fetch('/sign-in', {
      method: 'POST', body: new URLSearchParams({ name, password }), redirect: 'manual', headers: { 'Accept-Language': locale.language },
    });
    // The page after signing in is a redirection, which scripts are not shown.
    if (answer.type === 'opaqueredirect') return '';
    const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
    return page.getElementById('problem')?.textContent ?? t.problems.answeredTryAgain(answer.status);
  } catch {
    return t.problems.tryAgainSoon;
  }
}

/** Whether the controller knows who asks. */
export async function signedIn(): Promise<boolean> {
  try {
    return (await fetch('/api/v1/me')).ok;
  } catch {
    return false;
  }
}
