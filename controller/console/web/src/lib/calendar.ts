// A calendar's days and what lies on them, from what the controller says of each occurrence.
import type { ScheduleGroup, ScheduleLayer, Window } from '../api/types';
import { fromCron, toCron } from './cron';
import { addDays, clock, clockOf } from './zone';

type Day = ScheduleGroup['days'][number];
type Covered = ScheduleLayer['hidden'][number];

/** A part of an occurrence within one day. */
export interface Piece {
  layer: ScheduleLayer;
  day: Day;
  /** Minutes of real time since the day began. */
  from: number;
  to: number;
  /** On the wall, "08:00"; the day's end is "24:00". */
  wall: [from: string, to: string];
  /** What has the screen in its place. */
  covered?: Covered;
  /** Where beside others it is drawn: 0 for what is seen, the hidden ones from 1 on. */
  lane: number;
  /** The occurrence begins or ends here. */
  first: boolean;
  last: boolean;
}

export const daysOfWeek = 7;
const minute = 60_000;

/** The pieces of each day, those that are seen first. */
export function piecesOf(group: ScheduleGroup): Piece[][] {
  return group.days.map((day) => lanes(group.layers.flatMap((layer) => [
    ...layer.shown.map((s) => cut(layer, day, group.zone, s)), ...layer.hidden.map((h) => cut(layer, day, group.zone, h, h)),
  ]).filter((piece) => piece !== undefined)));
}

function cut(layer: ScheduleLayer, day: Day, zone: string, stretch: { start: string; end: string }, covered?: Covered): Piece | undefined {
  const [lo, hi] = [Date.parse(day.start), Date.parse(day.end)];
  const [start, end] = [Math.max(lo, Date.parse(stretch.start)), Math.min(hi, Date.parse(stretch.end))];
  if (start >= end) return undefined;
  return {
    layer, day, covered, lane: 0, from: (start - lo) / minute, to: (end - lo) / minute,
    wall: [clock(new Date(start), zone), end === hi ? '24:00' : clock(new Date(end), zone)],
    first: start === Date.parse(layer.start), last: end === Date.parse(layer.end),
  };
}

/** What is hidden lies beside what is seen, in as few lanes as hold it. */
function lanes(pieces: Piece[]): Piece[] {
  const ends: number[] = [];
  const hidden = pieces.filter((p) => p.covered).sort((a, b) => a.from - b.from);
  for (const piece of hidden) {
    let lane = ends.findIndex((end) => end <= piece.from);
    if (lane < 0) lane = ends.length;
    ends[lane] = piece.to;
    piece.lane = lane + 1;
  }
  return [...pieces.filter((p) => !p.covered).sort((a, b) => a.from - b.from), ...hidden];
}

/** The full hours of a day as its wall shows them: a day on which clocks change has one more or one less. */
export function hoursOf(day: Day, zone: string): { at: number; name: string; again: boolean }[] {
  const hours = [];
  const seen = new Set<string>();
  for (let at = 0; at < day.minutes; at += 60) {
    const name = clock(new Date(Date.parse(day.start) + at * minute), zone);
    hours.push({ at, name, again: seen.has(name) });
    seen.add(name);
  }
  return hours;
}

/** What the wall shows some minutes of real time after a day began. */
export function wallAt(day: Day, zone: string, minutes: number): string {
  if (minutes >= day.minutes) return '24:00';
  return clock(new Date(Date.parse(day.start) + Math.max(0, minutes) * minute), zone);
}

/** The Monday on or before a date. */
export function monday(date: string): string {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return addDays(date, -((weekday + 6) % daysOfWeek));
}

/** The first of a month some months after that of a date. */
export function monthAfter(date: string, n: number): string {
  const [year = 0, month = 1] = date.split('-').map(Number);
  return new Date(Date.UTC(year, month - 1 + n, 1)).toISOString().slice(0, 10);
}

/** How a piece was dragged: to another day, later, or longer, in minutes on the wall. */
export interface Drag {
  days: number;
  minutes: number;
  stretch: number;
}

/** The window as a drag would have it; undefined where its rule was written elsewhere, or nothing would be left of it. */
export function dragged(window: Window, layer: ScheduleLayer, drag: Drag): Window | undefined {
  const start = fromCron(window.start);
  if (!start) return undefined;
  const begins = minutesOf(start.from) + drag.minutes;
  const length = (window.end.days ?? 0) * 1440 + minutesOf(window.end.clock) - minutesOf(start.from) + drag.stretch;
  if (begins < 0 || begins >= 1440 || length <= 0 || length > 7 * 1440) return undefined;
  const was = layer.local_start.slice(0, 10);
  const now = addDays(was, drag.days);
  const next = { ...window, end: endAt(begins + length) };
  const from = clockOf(begins);
  if (window.first && window.first === window.last) return { ...next, start: toCron({ days: [weekday(now), ...start.days], from }), first: now, last: now };
  const days = drag.days % 7 ? start.days.filter((day) => day !== weekday(was)).concat(weekday(now)) : start.days;
  return { ...next, start: toCron({ days, from }) };
}

function endAt(minutes: number): Window['end'] {
  if (minutes === 1440) return { clock: '24:00' };
  const days = Math.floor(minutes / 1440);
  return days ? { days, clock: clockOf(minutes % 1440) } : { clock: clockOf(minutes) };
}

function weekday(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay();
}

function minutesOf(wall: string): number {
  const [hour = 0, min = 0] = wall.split(':').map(Number);
  return hour * 60 + min;
}

/** What hides what: the same on several days is said once. */
export interface Cover {
  layer: ScheduleLayer;
  covered: Covered;
  times: { hours: [string, string]; dates: string[] }[];
}

/** All that is hidden, in the order of the layers. */
export function coversOf(days: Piece[][]): Cover[] {
  const covers = new Map<string, Cover>();
  for (const piece of days.flat()) {
    if (!piece.covered) continue;
    const key = `${piece.layer.window} ${piece.covered.by ?? piece.covered.source} ${piece.covered.reason}`;
    const cover = covers.get(key) ?? { layer: piece.layer, covered: piece.covered, times: [] };
    covers.set(key, cover);
    const time = cover.times.find((t) => t.hours.join() === piece.wall.join());
    if (time) time.dates.push(piece.day.date);
    else cover.times.push({ hours: piece.wall, dates: [piece.day.date] });
  }
  return [...covers.values()];
}
