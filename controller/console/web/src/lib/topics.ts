// The topic tree: what topics are called, and in which order a tree is read.
import type { LibraryTitle, TopicEntry } from '../api/types';
import { locale } from '../texts';
import { formats } from '../texts/formats';

/** What people call a topic, in the console's language if they can. */
export function topicName(entry: TopicEntry): string {
  return entry.names[locale.language] ?? entry.names.en ?? Object.values(entry.names)[0] ?? entry.id;
}

/** A topic and what belongs to it. */
export interface Branch {
  entry: TopicEntry;
  below: Branch[];
}

/** The tree, each level by name. What belongs to a topic that is gone stands at the top. */
export function branches(entries: TopicEntry[]): Branch[] {
  const { compare } = formats.order();
  const all = new Map(entries.map((entry) => [entry.id, { entry, below: [] as Branch[] }]));
  const top: Branch[] = [];
  for (const branch of [...all.values()].sort((a, b) => compare(topicName(a.entry), topicName(b.entry)))) {
    (all.get(branch.entry.parent ?? '')?.below ?? top).push(branch);
  }
  return top;
}

/** All topics of a tree in its order, and how deep they stand. */
export function flat(tree: Branch[], depth = 0): { entry: TopicEntry; depth: number }[] {
  return tree.flatMap((b) => [{ entry: b.entry, depth }, ...flat(b.below, depth + 1)]);
}

/** Where a topic can be moved to: everywhere but to itself and to what belongs to it. */
export function parentsFor(entries: TopicEntry[], id: string): { id: string; name: string }[] {
  const without = (tree: Branch[]): Branch[] => tree.filter((b) => b.entry.id !== id).map((b) => ({ ...b, below: without(b.below) }));
  return flat(without(branches(entries))).map(({ entry, depth }) => ({ id: entry.id, name: '\u00a0\u00a0'.repeat(depth) + topicName(entry) }));
}

/** The topics that items name and the tree does not know, by slug. */
export function unknown(entries: TopicEntry[], items: LibraryTitle[]): string[] {
  const known = new Set(entries.map((e) => e.id));
  return [...new Set(items.flatMap((i) => i.topics ?? []))].filter((topic) => !known.has(topic)).sort();
}

/** The topic that somebody means by what they typed: its slug, or its name in whatever language. */
export function meant(entries: TopicEntry[], typed: string): string | undefined {
  const said = typed.trim().toLocaleLowerCase();
  return entries.find((e) => e.id === said || Object.values(e.names).some((name) => name.toLocaleLowerCase() === said))?.id;
}

/** A name that a slug may stand for: "blood-pressure" becomes "Blood pressure". */
export function nameFrom(slug: string): string {
  const words = slug.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
