// What needs no question: how long a turn is, and whose turn it is in a loop that the controller has rehearsed.
import type { Entry, LibraryTitle, Rehearsal } from '../api/types';

/** Milliseconds that a picture or slide stays where neither entry nor item say. */
const usual = 10_000;

/** Milliseconds of one turn: what the entry says, else the item. */
export function turnOf(item: Pick<LibraryTitle, 'millis'> | undefined, entry?: Pick<Entry, 'millis'>): number {
  return entry?.millis || item?.millis || usual;
}

/** When each turn of a loop begins, in milliseconds. */
export function startsOf({ order, showings }: Pick<Rehearsal, 'order' | 'showings'>): number[] {
  let at = 0;
  return order.map((showing) => {
    const start = at;
    at += showings[showing]?.millis ?? 0;
    return start;
  });
}

/** Whose turn it is at a moment of the loop. */
export function turnAt(starts: number[], at: number): number {
  const after = starts.findIndex((start) => start > at);
  return (after < 0 ? starts.length : after) - 1;
}

/** The languages of a loop's passes by their places in the shares, as the controller unrolls them: each pass takes the one furthest behind its share. */
export function languagePasses(shares: number[]): number[] {
  const sum = shares.reduce((a, b) => a + b, 0);
  const had = shares.map(() => 0);
  return Array.from({ length: sum }, (_, pass) => {
    const behind = shares.map((share, n) => share * (pass + 1) - (had[n] ?? 0) * sum);
    const next = behind.indexOf(Math.max(...behind));
    had[next] = (had[next] ?? 0) + 1;
    return next;
  });
}
