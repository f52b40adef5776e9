// Documents in lists, and what people call them.
import { api } from '../api/calls';
import { formats } from '../texts/formats';
import type { Kind, Kinds, LibraryTitle } from '../api/types';
import type { Names } from './before';

/** Several kinds at once, each as a list in the order of its names. */
export async function lists<K extends Kind>(...kinds: K[]): Promise<{ [P in K]: Kinds[P][] }> {
  const all = await Promise.all(kinds.map((kind) => api.list(kind)));
  return Object.fromEntries(kinds.map((kind, n) => [kind, sorted(all[n] ?? [])])) as { [P in K]: Kinds[P][] };
}

/** Every item by its name, in the order of names. */
export async function titles(): Promise<LibraryTitle[]> {
  return sorted(await api.titles());
}

function sorted<T extends { id: string }>(documents: T[]): T[] {
  const { compare } = formats.order();
  return [...documents].sort((a, b) => compare(nameOf(a), nameOf(b)));
}

/** What people call a document. */
export function nameOf(document: { id: string; name?: string; title?: string }): string {
  return document.name ?? document.title ?? document.id;
}

/** Looks names up in a list; an id that is gone is shown as itself. */
export function namer(documents: { id: string; name?: string; title?: string }[] = []): (id: string) => string {
  const names = new Map(documents.map((d) => [d.id, nameOf(d)]));
  return (id) => names.get(id) ?? id;
}

/** What people call everything that documents name. */
export async function everyName(): Promise<Names> {
  const [items, all] = await Promise.all([titles(), lists('sites', 'departments', 'screens', 'playlists', 'layouts', 'closures')]);
  return {
    site: namer(all.sites), department: namer(all.departments), screen: namer(all.screens), item: namer(items),
    playlist: namer(all.playlists), layout: namer(all.layouts), closure: namer(all.closures),
  };
}

/** Puts what has the same key together, in the order in which keys come first. */
export function groupBy<T, K>(all: T[], key: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(key(one));
    if (group) group.push(one);
    else groups.set(key(one), [one]);
  }
  return groups;
}
