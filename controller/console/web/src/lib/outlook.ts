// What a publication changes for the people before the screens, in sentences.
import type { Amiss, Changeover, Difference, Idle, MissedFloor, Owner } from '../api/types';
import { t } from '../texts';
import { formats } from '../texts/formats';
import { number } from '../texts/numbers';
import { floorWhat } from './floors';
import { pageOf } from './links';
import { capital, dateWords, list, named, quoted } from './words';
import { addDays, clock, instant, local } from './zone';

export interface Names {
  department: (id: string) => string;
  screen: (id: string) => string;
  zone: (department: string) => string;
}

/** A sentence, and the places that it is about. */
export interface Line {
  text: string;
  places: { name: string; href: string }[];
  /** Nothing but the slate, or people miss something that they had. */
  grave: boolean;
}

/** A stretch without anything scheduled, and where to fill it. */
export interface IdleLine extends Line {
  idle: Idle;
  /** "Sat 28 Nov from 17:00 to 22:00". */
  when: string;
  /** The form for a new window then and there. */
  fill: string;
}

/** "412 screen-minutes": minutes added up over screens; hours where there are many. */
export function screenTime(millis: number): string {
  if (millis < 60_000) return t.words.underAMinute;
  const minutes = Math.round(millis / 60_000);
  const hours = Math.round(minutes / 60);
  return minutes < 1200 ? t.words.screenMinutes(number(minutes), minutes) : t.words.screenHours(number(hours), hours);
}

/** How much changes, in one sentence. */
export function headline(diff: Difference): string {
  const days = Math.round((Date.parse(diff.to) - Date.parse(diff.from)) / 86_400_000);
  if (!diff.screens) return t.publish.outlook.noScreens;
  if (!diff.changed_millis) return t.publish.outlook.nothing(days);
  const time = capital(screenTime(diff.changed_millis));
  return t.publish.outlook.changes(time, diff.changed_millis >= 90_000, days, diff.changed_screens, diff.screens);
}

/** "In Cardiology, 2 screens show “Evenings” instead of the filler, first on Sat 28 Nov at 17:00: 300 screen-minutes". */
export function changeLine(change: Changeover, names: Names): Line {
  const zone = names.zone(change.department);
  const after = owner(change.after);
  const what = same(change.before, change.after) ? t.publish.outlook.other(after) : t.publish.outlook.instead(after, owner(change.before));
  return {
    text: t.publish.outlook.change(names.department(change.department), change.screens, what, moment(change.first, zone), screenTime(change.millis)),
    places: places(change.some, change.first, zone, names), grave: false,
  };
}

/** "On Sat 28 Nov from 17:00 to 22:00, 2 screens of Paediatrics have nothing scheduled: the filler shows". */
export function idleLine(idle: Idle, names: Names): IdleLine {
  const zone = names.zone(idle.department);
  const on = (at: string) => dateWords(local(new Date(at), zone).date, false);
  const when = on(idle.start) === on(idle.end)
    ? t.publish.outlook.sameDay(on(idle.start), clock(idle.start, zone), clock(idle.end, zone))
    : t.publish.outlook.overDays(moment(idle.start, zone), moment(idle.end, zone));
  return {
    idle, when, text: t.publish.outlook.idle(when, idle.screens, names.department(idle.department), owner(idle)),
    places: places(idle.some, idle.start, zone, names), grave: isGrave(idle), fill: fill(idle, zone),
  };
}

/** A window that begins with the stretch, on that one screen or in the department, and ends with it or with the day. */
function fill(idle: Idle, zone: string): string {
  const [start, end] = [local(new Date(idle.start), zone), local(new Date(idle.end), zone)];
  const [kind, id] = idle.screens === 1 && idle.some[0] ? ['screen', idle.some[0]] : ['department', idle.department];
  const until = start.date === end.date ? clock(idle.end, zone) : '24:00';
  return `/schedule/new?${new URLSearchParams({ [kind]: id, day: start.date, start: clock(idle.start, zone), end: until })}`;
}

/** Stretches of the same screens, with where they lie in the time that was looked at, 0 to 1. */
export interface IdleGroup {
  key: string;
  name: string;
  lines: IdleLine[];
  parts: { from: number; to: number }[];
  days: { at: number; wide: number; name: string }[];
}

/** Puts stretches of the same screens together. */
export function idleGroups(lines: IdleLine[], diff: Pick<Difference, 'from' | 'to'>, names: Names): IdleGroup[] {
  const [from, to] = [Date.parse(diff.from), Date.parse(diff.to)];
  const at = (instant: string | number) => Math.min(1, Math.max(0, (new Date(instant).getTime() - from) / (to - from)));
  const groups = new Map<string, IdleLine[]>();
  for (const line of lines) {
    const key = [line.idle.department, line.idle.screens, ...line.idle.some].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups].map(([key, some]) => {
    const { department, screens, some: ids } = some[0]!.idle;
    const more = screens - ids.length;
    return {
      key, lines: some, name: list([...ids.map(names.screen), ...(more > 0 ? [t.counts.moreScreens(more)] : [])]),
      parts: some.map(({ idle }) => ({ from: at(idle.start), to: at(idle.end) })), days: daysBetween(diff, names.zone(department), at),
    };
  });
}

function daysBetween({ from, to }: Pick<Difference, 'from' | 'to'>, zone: string, at: (instant: number) => number): IdleGroup['days'] {
  const all: IdleGroup['days'] = [];
  for (let date = local(new Date(from), zone).date; ; date = addDays(date, 1)) {
    const start = instant(date, '00:00', zone).getTime();
    if (start >= Date.parse(to)) return all;
    const [left, right] = [at(start), at(instant(addDays(date, 1), '00:00', zone).getTime())];
    all.push({ at: left, wide: right - left, name: weekday(date) });
  }
}

/** "Sat 28". */
function weekday(date: string): string {
  return formats.date({ timeZone: 'UTC', weekday: 'short', day: 'numeric' }).format(new Date(`${date}T00:00:00Z`));
}

/** Whether people miss something by it. */
export function isGrave(idle: Idle): boolean {
  return idle.new || idle.source === 'slate';
}

/** How long the filler shows at times at which it does so already, in screen-milliseconds. */
export function usualTime(diff: Difference): number {
  const usual = diff.idle.filter((idle) => !isGrave(idle));
  return usual.reduce((sum, { start, end, screens }) => sum + (Date.parse(end) - Date.parse(start)) * screens, 0);
}

/** "“Flu” has run out, so its turns go to others: 30 screen-minutes, as before". */
export function itemLine(note: Amiss): Line {
  const said = t.publish.outlook.item(note.title || note.item, named(t.publish.outlook.amiss, note.kind), screenTime(note.millis));
  return {
    text: compared(said, note),
    places: [{ name: t.publish.outlook.open, href: `/library/${encodeURIComponent(note.item)}` }], grave: !note.before,
  };
}

/** "Cardiology: “Flu” must run at least 2 times an hour. On 3 screens it does not in 10 of 45 opening hours; ...". */
export function floorLine(missed: MissedFloor, names: Names, playlist: (id: string) => string): Line {
  const zone = names.zone(missed.department);
  const of = floorWhat(missed.floor, (id) => missed.title || id);
  const what = missed.phase ? t.publish.outlook.floorPhase(of, named(t.words.phases, missed.phase)) : of;
  const { window, name } = missed.owner;
  return {
    text: t.publish.outlook.floor(names.department(missed.department), what, missed.floor.plays, missed.screens, missed.hours, missed.open_hours, moment(missed.worst, zone), missed.plays),
    places: [
      ...places([missed.screen], missed.worst, zone, names),
      ...(window ? [{ name: quoted(name || window), href: pageOf('window', window) }] : []),
      ...missed.playlists.map((id) => ({ name: t.publish.outlook.toPlaylist(playlist(id)), href: pageOf('playlist', id) })),
      { name: t.publish.outlook.toFloors, href: `${pageOf('department', missed.department)}#floors` },
    ],
    grave: false,
  };
}

function compared(said: string, note: Amiss): string {
  if (note.before === note.millis) return t.publish.outlook.asBefore(said);
  return note.before ? t.publish.outlook.untilNow(said, screenTime(note.before)) : said;
}

function same(a: Owner, b: Owner): boolean {
  return a.source === b.source && a.window === b.window;
}

function owner(of: Owner): string {
  return of.source === 'window' ? quoted(of.name || of.window || '') : named(t.words.owners, of.source);
}

function moment(at: string, zone: string): string {
  return t.words.dateAt(dateWords(local(new Date(at), zone).date, false), clock(at, zone));
}

function places(screens: string[], at: string, zone: string, names: Names): Line['places'] {
  const { date } = local(new Date(at), zone);
  const when = new URLSearchParams({ date, at: clock(at, zone, true) });
  return screens.map((id) => ({ name: names.screen(id), href: `/screens/${encodeURIComponent(id)}?${when}` }));
}
