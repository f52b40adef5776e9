// What weights mean: the share of a loop that each entry gets, and how long the loop is.
import type { Entry, Item } from '../api/types';

export const maxSlots = 1000;

/** Milliseconds that a picture or slide stays where neither entry nor item say. */
const usual = 10_000;

/** Milliseconds of one turn: what the entry says, else the item, else a film's own length. */
export function turnOf(item: Pick<Item, 'millis' | 'renditions'> | undefined, entry?: Pick<Entry, 'millis'>): number {
  return entry?.millis || item?.millis || item?.renditions?.[0]?.variants?.[0]?.millis || usual;
}

export interface Share {
  /** Turns of the entry in one round. */
  slots: number;
  /** Milliseconds of one turn. */
  millis: number;
  /** Part of the round's time, 0 to 1. */
  share: number;
}

export interface Loop {
  shares: Share[];
  slots: number;
  millis: number;
}

/** The loop of entries, each with the length of its turn in milliseconds. */
export function loop(entries: Pick<Entry, 'weight'>[], turns: number[]): Loop {
  const divisor = entries.reduce((a, e) => gcd(a, Math.max(0, Math.trunc(e.weight) || 0)), 0) || 1;
  const shares = entries.map((entry, n) => ({
    slots: Math.max(0, Math.trunc(entry.weight) || 0) / divisor,
    millis: turns[n] ?? 0,
    share: 0,
  }));
  const millis = shares.reduce((sum, s) => sum + s.slots * s.millis, 0);
  for (const s of shares) s.share = millis ? (s.slots * s.millis) / millis : 0;
  return { shares, slots: shares.reduce((sum, s) => sum + s.slots, 0), millis };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
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
