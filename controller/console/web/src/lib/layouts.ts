// How a screen is divided: the ways to begin with, and a region in words.
import type { Region } from '../api/types';
import { t } from '../texts';
import { number } from '../texts/numbers';

/** What a region can show besides a playlist. */
export const widgets = ['clock', 'ticker', 'qr'] as const;

/** Ways to divide a screen, each with what still has to be chosen left open. */
export const beginnings = {
  column: () => [region('main', 0, 0, 0.75, 1), region('side', 0.75, 0, 0.25, 1)],
  line: () => [region('main', 0, 0, 1, 0.9), { ...region('line', 0, 0.9, 1, 0.1), widget: { kind: 'ticker', text: '' } }],
  all: () => [region('main', 0, 0, 0.75, 0.9), region('side', 0.75, 0, 0.25, 0.9), { ...region('line', 0, 0.9, 1, 0.1), widget: { kind: 'ticker', text: '' } }],
  halves: () => [region('left', 0, 0, 0.5, 1), region('right', 0.5, 0, 0.5, 1)],
} satisfies Record<string, () => Region[]>;

export type Beginning = keyof typeof beginnings;

/** A region that shows nothing yet. */
export function region(name: string, x: number, y: number, w: number, h: number): Region {
  return { name, x, y, w, h };
}

/** Reports whether a region keeps to the screen; thirds and the like may be rounded. */
export function within({ x, y, w, h }: Region): boolean {
  const most = 1 + 1e-6;
  return x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= most && y + h <= most;
}

/** The nearest whole percent from low to high. */
function whole(fraction: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, Math.round(fraction * 100) / 100));
}

/** A region moved by parts of the screen, as far as it stays on it. */
export function moved(of: Region, dx: number, dy: number): Partial<Region> {
  return { x: dx ? whole(of.x + dx, 0, Math.max(0, 1 - of.w)) : of.x, y: dy ? whole(of.y + dy, 0, Math.max(0, 1 - of.h)) : of.y };
}

/** A region whose lower right corner is pulled by parts of the screen, as far as the screen goes. */
export function stretched(of: Region, dw: number, dh: number): Partial<Region> {
  return { w: dw ? whole(of.w + dw, 0.01, 1 - of.x) : of.w, h: dh ? whole(of.h + dh, 0.01, 1 - of.y) : of.h };
}

/** A fraction of the screen as people write it, 33.3. */
export function percent(fraction: number): number {
  return Math.round(fraction * 1000) / 10;
}

/** What a region shows, in words. */
export function shows(of: Region, playlist: (id: string) => string): string {
  const { widget } = of;
  if (of.playlist) return t.layouts.plays(playlist(of.playlist));
  if (widget?.kind === 'ticker') return t.layouts.says(widget.text ?? '');
  if (widget?.kind === 'qr') return t.layouts.opens(widget.url ?? '');
  return widget ? t.layouts.clock : t.layouts.nothing;
}

/** A region in one sentence: its name, how large it is, what it shows. */
export function sentence(of: Region, playlist: (id: string) => string): string {
  return t.layouts.region(of.name, number(percent(of.w)), number(percent(of.h)), shows(of, playlist));
}
