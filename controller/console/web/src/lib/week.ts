// An ordinary week on the screens that a window reaches: what it hides and what hides it, by the rules by
// which players decide. Closed days, single dates and nights on which clocks change are left out.
import type { Window } from '../api/types';
import { fromCron } from './cron';
import { narrowness, type Placed } from './reach';
import { days } from './sentence';
import { t } from '../texts';
import { list } from './words';
import { clockOf } from './zone';

const day = 1440;
const week = 7 * day;

/** Minutes since Monday, 0:00. */
interface Span {
  from: number;
  to: number;
}

interface Run extends Span {
  window: Window;
  /** When it began, which may lie in the week before. */
  start: number;
  narrow: number;
}

/** A stretch of the week in which the same windows would be on, the one that is on first. */
export interface Piece extends Span {
  windows: Window[];
}

/** The week of a place; times without any window are left out. */
export function weekOf(windows: Window[], place: Placed): Piece[] {
  const runs = windows.flatMap((window) => runsOf(window, place));
  const cuts = [...new Set(runs.flatMap((run) => [run.from, run.to]))].sort((a, b) => a - b);
  const pieces: Piece[] = [];
  for (const [n, from] of cuts.entries()) {
    const on = runs.filter((run) => run.from <= from && run.to > from).sort(byRank);
    const to = cuts[n + 1];
    if (on.length && to !== undefined) pieces.push({ from, to, windows: [...new Set(on.map((run) => run.window))] });
  }
  return pieces;
}

function runsOf(window: Window, place: Placed): Run[] {
  const narrow = narrowness(window.targets ?? [], window.except ?? [], place);
  const rule = fromCron(window.start);
  if (narrow === undefined || !rule) return [];
  const length = (window.end.days ?? 0) * day + minutes(window.end.clock) - minutes(rule.from);
  const starts = rule.days.map((weekday) => ((weekday + 6) % 7) * day + minutes(rule.from));
  return [...starts, ...starts.map((start) => start - week)]
    .map((start) => ({ window, narrow, start, from: Math.max(0, start), to: Math.min(week, start + length) }))
    .filter((run) => run.from < run.to);
}

function minutes(clock: string): number {
  const [hour = 0, minute = 0] = clock.split(':').map(Number);
  return hour * 60 + minute;
}

/** The stronger first: priority, the narrower target, the later start, the id. */
function byRank(a: Run, b: Run): number {
  const ids = a.window.id < b.window.id ? -1 : 1;
  return (b.window.priority ?? 0) - (a.window.priority ?? 0) || b.narrow - a.narrow || b.start - a.start || ids;
}

/** Another window and when it and this one meet. */
export interface Meeting {
  window: Window;
  times: string;
  /** The screens on which they meet so, by id. */
  screens: string[];
}

export interface Meetings {
  /** What is not seen because this window is on. */
  hides: Meeting[];
  /** What is on in this window's place. */
  hiddenBy: Meeting[];
}

/** How a window meets the others on the screens that it reaches. */
export function meetings(window: Window, others: Window[], places: Placed[]): Meetings {
  const weeks = new Map<string, Piece[]>();
  const hides = new Map<string, Meeting>();
  const hiddenBy = new Map<string, Meeting>();
  const near = others.filter((other) => together(window, other));
  for (const place of places) {
    // Screens that are reached alike have the same week.
    const alike = [window, ...near].map((w) => narrowness(w.targets ?? [], w.except ?? [], place) ?? '-').join();
    const pieces = (weeks.get(alike) ?? weekOf([window, ...near], place)).filter((piece) => piece.windows.includes(window));
    weeks.set(alike, pieces);
    note(hides, place.id, pieces.filter((p) => p.windows[0] === window), (p) => p.windows[1]);
    note(hiddenBy, place.id, pieces.filter((p) => p.windows[0] !== window), (p) => p.windows[0]);
  }
  return { hides: [...hides.values()], hiddenBy: [...hiddenBy.values()] };
}

/** Reports whether some day is within the dates of both. */
function together(a: Window, b: Window): boolean {
  return (!a.first || !b.last || a.first <= b.last) && (!a.last || !b.first || b.first <= a.last);
}

function note(into: Map<string, Meeting>, screen: string, pieces: Piece[], other: (piece: Piece) => Window | undefined): void {
  for (const met of new Set(pieces.map(other))) {
    if (!met) continue;
    const times = timesWords(pieces.filter((piece) => other(piece) === met));
    const key = `${met.id} ${times}`;
    const known = into.get(key);
    if (known) known.screens.push(screen);
    else into.set(key, { window: met, times, screens: [screen] });
  }
}

/** "every weekday 8:00 to 17:00 and every Saturday 9:00 to 12:00". */
export function timesWords(spans: Span[]): string {
  const by = new Map<string, number[]>();
  for (const { from, to, at } of joined(spans)) {
    const words = from === 0 && to === day ? t.schedule.sentence.allDay : t.schedule.sentence.hours(said(from), said(to));
    by.set(words, [...(by.get(words) ?? []), (at + 1) % 7]);
  }
  return list([...by].map(([words, on]) => `${lowered(days(on))} ${words}`));
}

/** Spans day by day, those that touch as one; at is the day, 0 for Monday. */
function joined(spans: Span[]): (Span & { at: number })[] {
  const all: (Span & { at: number })[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    for (let at = Math.floor(span.from / day); at * day < span.to; at++) {
      const from = Math.max(0, span.from - at * day);
      const to = Math.min(day, span.to - at * day);
      const before = all[all.length - 1];
      if (before?.at === at && before.to === from) before.to = to;
      else all.push({ at, from, to });
    }
  }
  return all;
}

function said(at: number): string {
  return at === day ? t.schedule.sentence.midnight : clockOf(at).replace(/^0(\d)/, '$1');
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
