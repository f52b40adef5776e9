// What a publication changes for the people before the screens, in sentences.
import type { Amiss, Changeover, Difference, Idle, Owner } from '../api/types';
import { count, dateWords, quoted } from './words';
import { clock, local } from './zone';

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

/** "412 screen-minutes": minutes added up over screens; hours where there are many. */
export function screenTime(millis: number): string {
  if (millis < 60_000) return 'less than a screen-minute';
  const minutes = Math.round(millis / 60_000);
  return minutes < 1200 ? count(minutes, 'screen-minute') : count(Math.round(minutes / 60), 'screen-hour');
}

/** How much changes, in one sentence. */
export function headline(diff: Difference): string {
  const days = count(Math.round((Date.parse(diff.to) - Date.parse(diff.from)) / 86_400_000), 'day');
  if (!diff.screens) return 'There are no screens to compare.';
  if (!diff.changed_millis) return `On the screens nothing changes in the next ${days}.`;
  const changes = diff.changed_millis < 90_000 ? 'changes' : 'change';
  return `${capital(screenTime(diff.changed_millis))} ${changes} in the next ${days}, on ${diff.changed_screens} of ${count(diff.screens, 'screen')}.`;
}

/** "In Cardiology, 2 screens show “Evenings” instead of the filler, first on Sat 28 Nov at 17:00: 300 screen-minutes". */
export function changeLine(change: Changeover, names: Names): Line {
  const zone = names.zone(change.department);
  const show = change.screens === 1 ? 'shows' : 'show';
  const what = same(change.before, change.after)
    ? `${show} something else in ${owner(change.after)}`
    : `${show} ${owner(change.after)} instead of ${owner(change.before)}`;
  return {
    text: `In ${names.department(change.department)}, ${count(change.screens, 'screen')} ${what}, first on ${moment(change.first, zone)}: ${screenTime(change.millis)}`,
    places: places(change.some, change.first, zone, names), grave: false,
  };
}

/** "On Sat 28 Nov from 17:00 to 22:00, 2 screens of Paediatrics have nothing scheduled: the filler shows". */
export function idleLine(idle: Idle, names: Names): Line {
  const zone = names.zone(idle.department);
  const on = (at: string) => dateWords(local(new Date(at), zone).date, false);
  const start = clock(idle.start, zone);
  const when = on(idle.start) === on(idle.end)
    ? `On ${on(idle.start)} from ${start} to ${clock(idle.end, zone)}`
    : `From ${on(idle.start)} at ${start} to ${on(idle.end)} at ${clock(idle.end, zone)}`;
  const have = idle.screens === 1 ? 'has' : 'have';
  return {
    text: `${when}, ${count(idle.screens, 'screen')} of ${names.department(idle.department)} ${have} nothing scheduled: ${owner(idle)} shows`,
    places: places(idle.some, idle.start, zone, names), grave: isGrave(idle),
  };
}

function isGrave(idle: Idle): boolean {
  return idle.new || idle.source === 'slate';
}

/** How long the filler shows at times at which it does so already, in screen-milliseconds. */
export function usualTime(diff: Difference): number {
  const usual = diff.idle.filter((idle) => !isGrave(idle));
  return usual.reduce((sum, { start, end, screens }) => sum + (Date.parse(end) - Date.parse(start)) * screens, 0);
}

const amiss: Record<string, string> = {
  expired: 'has run out, so its turns go to others',
  past_review: 'shows after the day by which it was to be reviewed',
  unapproved: 'shows in its version before, as its changes wait for approval',
  uncaptioned: 'is a film with words and has no captions',
};

/** "“Flu” has run out, so its turns go to others: 30 screen-minutes, as before". */
export function itemLine(note: Amiss): Line {
  const before = note.before === note.millis ? ', as before' : note.before ? `, until now ${screenTime(note.before)}` : '';
  return {
    text: `${quoted(note.title || note.item)} ${amiss[note.kind] ?? note.kind}: ${screenTime(note.millis)}${before}`,
    places: [{ name: 'Open it', href: `/library/${encodeURIComponent(note.item)}` }], grave: !note.before,
  };
}

function same(a: Owner, b: Owner): boolean {
  return a.source === b.source && a.window === b.window;
}

function owner(of: Owner): string {
  switch (of.source) {
    case 'window':
      return quoted(of.name || of.window || '');
    case 'closed':
      return 'the closed programme';
    default:
      return `the ${of.source}`;
  }
}

function moment(at: string, zone: string): string {
  return `${dateWords(local(new Date(at), zone).date, false)} at ${clock(at, zone)}`;
}

function places(screens: string[], at: string, zone: string, names: Names): Line['places'] {
  const { date } = local(new Date(at), zone);
  const when = new URLSearchParams({ date, at: clock(at, zone, true) });
  return screens.map((id) => ({ name: names.screen(id), href: `/screens/${encodeURIComponent(id)}?${when}` }));
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
