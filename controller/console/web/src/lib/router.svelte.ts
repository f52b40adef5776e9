// The address bar as state. Pages are plain links; nothing else knows the history.

interface Place {
  path: string;
  query: URLSearchParams;
}

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

let place = $state.raw<Place>(here());

// Every entry of the history has its number, so that a step back can be taken back.
let at = numberOf(history.state) ?? 0;
history.replaceState({ at }, '');

function numberOf(state: unknown): number | undefined {
  return (state as { at?: number } | null)?.at;
}

type MayLeave = (leave: () => void) => boolean;
let mayLeave: MayLeave = () => true;

/** Has somebody asked before a person leaves a page: true to let them go, or false and leave called later, if at all. */
export function guard(ask: MayLeave): void {
  mayLeave = ask;
}

/** Where the browser is. */
export const route = {
  get path() {
    return place.path;
  },
  get query() {
    return place.query;
  },
};

/** Goes to a page of the console, without asking. */
export function go(to: string, how: { replace?: boolean } = {}): void {
  if (how.replace) history.replaceState({ at }, '', to);
  else history.pushState({ at: ++at }, '', to);
  place = here();
  if (!how.replace) scrollTo(0, 0);
}

/** Changes the address's query without a new page: filters and dates, so that they can be linked to. */
export function remember(values: Record<string, string | undefined>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  go(location.pathname + (text ? `?${text}` : ''), { replace: true });
}

/** Follows links within the console without loading the page anew; all others are left to the browser. */
export function follow(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (/^\/(api|sign-in|sign-out|first|welcome)(\/|$)/.test(link.pathname)) return;
  if (link.hash && link.pathname === location.pathname) return;
  event.preventDefault();
  const to = link.pathname + link.search;
  if (link.pathname === place.path || mayLeave(() => go(to))) go(to);
}

let returning = false;
let sure = false;

// The browser has gone already when it tells; whoever is not to go yet is brought back first.
addEventListener('popstate', (event) => {
  if (returning) {
    returning = false;
    return;
  }
  const to = numberOf(event.state) ?? at;
  const by = to - at;
  const leave = () => {
    sure = true;
    history.go(by);
  };
  if (by !== 0 && !sure && location.pathname !== place.path && !mayLeave(leave)) {
    returning = true;
    history.go(-by);
    return;
  }
  sure = false;
  at = to;
  place = here();
});

/** A part of an address as it was written; nothing of one that nobody can have written, like "%FF". */
function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** "/screens/:id" against a path: its parameters, or undefined. */
export function match(pattern: string, path: string): Record<string, string> | undefined {
  const want = pattern.split('/');
  const got = (path.replace(/\/+$/, '') || '/').split('/');
  if (want.length !== got.length) return undefined;
  const values: Record<string, string> = {};
  for (const [n, part] of want.entries()) {
    const value = got[n] ?? '';
    const plain = part.startsWith(':') ? decoded(value) : undefined;
    if (plain !== undefined) values[part.slice(1)] = plain;
    else if (part !== value) return undefined;
  }
  return values;
}
