// Where a browser can go: every page of the router, so that a new one is looked at as well.
import { readFileSync } from 'node:fs';
import { ask } from './browser.mjs';

const router = readFileSync(new URL('../src/pages/index.ts', import.meta.url), 'utf8');

/** What the pages with an id are about, where the path does not say it. */
const kinds = { library: 'items', schedule: 'windows', review: 'items' };

/** The path of every page by a name for it; of pages about one thing, about the first such thing, and about a new one. */
export async function places(page) {
  const all = new Map([['missing', '/nowhere'], ['garbled', '/screens/%FF'], ['gone-screen', '/screens/no-such-screen'],
    ['reports-by-day', '/reports?by=day'], ['new-playlist', '/playlists/new'], ['new-layout', '/layouts/new'], ['new-window', '/schedule/new'], ['new-department', '/departments/new']]);
  for (const [, pattern] of router.matchAll(/\['(\/[^']*)', '\w+'/g)) {
    const [first = ''] = pattern.slice(1).split('/');
    const name = pattern === '/' ? 'screens-all' : pattern.slice(1).replace(/\W+/g, '-');
    all.set(name, pattern.includes(':') ? pattern.replace(/:\w+/, await one(page, kinds[first] ?? first)) : pattern);
  }
  return [...all];
}

async function one(page, kind) {
  const { items } = await ask(page, `/api/v1/${kind}`).catch(() => ({}));
  return items?.[0]?.id ?? 'new';
}
