// A window said in one sentence, so that whoever wrote it can check it by reading.
import type { Target, Window } from '../api/types';
import type { Rest } from './closed';
import { fromCron } from './cron';
import { dayWords, list } from './words';

export interface Names {
  playlist: (id: string) => string;
  department: (id: string) => string;
  site: (id: string) => string;
  screen: (id: string) => string;
  closure: (id: string) => string;
  /** The closed days that count because of where a window is. */
  rests: (window: Pick<Window, 'targets' | 'except'>) => Rest[];
}

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** "Every weekday 8:00 to 17:00 until 24 December in Paediatrics and Cardiology, not on Public holidays". */
export function sentence(window: Omit<Window, 'id' | 'revision'>, names: Names, now = new Date()): string {
  const parts = [`${when(window)}${dates(window, now)} ${where(window.targets, names)}`];
  if (window.except?.length) parts.push(`but not ${places(window.except, names)}`);
  parts.push(...rests(window, names));
  return parts.join(', ');
}

/** "not on Public holidays", "in Cardiology not on Summer break": its own closed days and its departments'. */
function rests(window: Pick<Window, 'targets' | 'except' | 'closures'>, names: Names): string[] {
  const own = window.closures ?? [];
  const others = names.rests(window).filter((r) => !own.includes(r.closure));
  const everywhere = [...own, ...others.filter((r) => r.everywhere).map((r) => r.closure)];
  const said = others.filter((r) => !r.everywhere).map((r) => `in ${list(r.departments.map(names.department))} not on ${names.closure(r.closure)}`);
  return everywhere.length ? [`not on ${list(everywhere.map(names.closure), 'or')}`, ...said] : said;
}

/** "Every weekday 8:00 to 17:00". */
export function when(window: Pick<Window, 'start' | 'end'>): string {
  const start = fromCron(window.start);
  if (!start) return `By a rule written elsewhere, each time until ${short(window.end.clock)}${later(window.end.days ?? 0)}`;
  const allDay = start.from === '00:00' && wholeDay(window.end);
  const midnight = window.end.days === 1 && window.end.clock === '00:00';
  const end = midnight ? 'midnight' : `${short(window.end.clock)}${later(window.end.days ?? 0)}`;
  const hours = allDay ? 'all day' : `${short(start.from)} to ${end}`;
  return `${days(start.days)} ${hours}`;
}

function wholeDay(end: Window['end']): boolean {
  return (end.days ?? 0) === 0 ? end.clock === '24:00' : end.days === 1 && end.clock === '00:00';
}

/** "Every weekday", "Every Monday and Thursday". */
export function days(of: number[]): string {
  const key = [...of].sort().join('');
  if (key === '0123456') return 'Every day';
  if (key === '12345') return 'Every weekday';
  if (key === '06') return 'Every Saturday and Sunday';
  const fromMonday = [...of].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7));
  return `Every ${list(fromMonday.map((day) => dayNames[day] ?? ''))}`;
}

/** "08:00" is said "8:00". */
function short(clock: string): string {
  return clock === '24:00' ? 'midnight' : clock.replace(/^0(\d)/, '$1');
}

function later(days: number): string {
  if (days === 0) return '';
  return days === 1 ? ' the next day' : ` ${days} days later`;
}

function dates(window: Pick<Window, 'first' | 'last'>, now: Date): string {
  const { first, last } = window;
  if (first && first === last) return ` on ${dayWords(first, now)}`;
  if (first && last) return ` from ${dayWords(first, now)} until ${dayWords(last, now)}`;
  if (first) return ` from ${dayWords(first, now)}`;
  if (last) return ` until ${dayWords(last, now)}`;
  return '';
}

function where(targets: Target[], names: Names): string {
  if (targets.length === 0) return 'on no screens yet';
  if (targets.some((t) => t.all)) return 'on all screens';
  return `in ${places(targets, names)}`;
}

/** "Paediatrics, North Campus and screens tagged chapel". */
export function places(targets: Target[], names: Names): string {
  return list(targets.map((t) => place(t, names)));
}

/** One target in words. */
export function place(target: Target, names: Names): string {
  if (target.all) return 'all screens';
  if (target.site) return names.site(target.site);
  if (target.department) return names.department(target.department);
  if (target.screen) return `“${names.screen(target.screen)}”`;
  return `screens tagged “${target.tag ?? ''}”`;
}
