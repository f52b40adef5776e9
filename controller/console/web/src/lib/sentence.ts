// A window said in one sentence, so that whoever wrote it can check it by reading.
import type { Target, Window } from '../api/types';
import type { Rest } from './closed';
import { fromCron } from './cron';
import { t } from '../texts';
import { dayWords, either, list, quoted } from './words';

export interface Names {
  playlist: (id: string) => string;
  department: (id: string) => string;
  site: (id: string) => string;
  screen: (id: string) => string;
  closure: (id: string) => string;
  /** The closed days that count because of where a window is. */
  rests: (window: Pick<Window, 'targets' | 'except'>) => Rest[];
}

/** "Every weekday 8:00 to 17:00 until 24 December in Paediatrics and Cardiology, not on Public holidays". */
export function sentence(window: Omit<Window, 'id' | 'revision'>, names: Names, now = new Date()): string {
  const parts = [`${when(window)}${dates(window, now)} ${where(window.targets, names)}`];
  if (window.except?.length) parts.push(t.schedule.sentence.butNot(places(window.except, names)));
  parts.push(...rests(window, names));
  return parts.join(', ');
}

/** "not on Public holidays", "in Cardiology not on Summer break": its own closed days and its departments'. */
function rests(window: Pick<Window, 'targets' | 'except' | 'closures'>, names: Names): string[] {
  const own = window.closures ?? [];
  const others = names.rests(window).filter((r) => !own.includes(r.closure));
  const everywhere = [...own, ...others.filter((r) => r.everywhere).map((r) => r.closure)];
  const said = others.filter((r) => !r.everywhere).map((r) => t.schedule.sentence.inNotOn(list(r.departments.map(names.department)), names.closure(r.closure)));
  return everywhere.length ? [t.schedule.sentence.notOn(either(everywhere.map(names.closure))), ...said] : said;
}

/** "Every weekday 8:00 to 17:00". */
export function when(window: Pick<Window, 'start' | 'end'>): string {
  const start = fromCron(window.start);
  const said = t.schedule.sentence;
  if (!start) return said.byRule(later(short(window.end.clock), window.end.days ?? 0));
  const allDay = start.from === '00:00' && wholeDay(window.end);
  const midnight = window.end.days === 1 && window.end.clock === '00:00';
  const end = midnight ? said.midnight : later(short(window.end.clock), window.end.days ?? 0);
  const hours = allDay ? said.allDay : said.hours(short(start.from), end);
  return `${days(start.days)} ${hours}`;
}

function wholeDay(end: Window['end']): boolean {
  return (end.days ?? 0) === 0 ? end.clock === '24:00' : end.days === 1 && end.clock === '00:00';
}

/** "Every weekday", "Every Monday and Thursday". */
export function days(of: number[]): string {
  const key = [...of].sort().join('');
  if (key === '0123456') return t.schedule.sentence.everyDay;
  if (key === '12345') return t.schedule.sentence.everyWeekday;
  if (key === '06') return t.schedule.sentence.weekend;
  const fromMonday = [...of].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7));
  return t.schedule.sentence.every(list(fromMonday.map((day) => t.schedule.sentence.dayNames[day] ?? '')));
}

/** "08:00" is said "8:00". */
function short(clock: string): string {
  return clock === '24:00' ? t.schedule.sentence.midnight : clock.replace(/^0(\d)/, '$1');
}

function later(clock: string, days: number): string {
  if (days === 0) return clock;
  return days === 1 ? t.schedule.sentence.nextDay(clock) : t.schedule.sentence.daysLater(clock, days);
}

function dates(window: Pick<Window, 'first' | 'last'>, now: Date): string {
  const { first, last } = window;
  if (first && first === last) return t.schedule.sentence.on(dayWords(first, now));
  if (first && last) return t.schedule.sentence.between(dayWords(first, now), dayWords(last, now));
  if (first) return t.schedule.sentence.since(dayWords(first, now));
  if (last) return t.schedule.sentence.until(dayWords(last, now));
  return '';
}

function where(targets: Target[], names: Names): string {
  if (targets.length === 0) return t.schedule.sentence.nowhere;
  if (targets.some((t) => t.all)) return t.schedule.sentence.everywhere;
  return t.schedule.sentence.in(places(targets, names));
}

/** "Paediatrics, North Campus and screens tagged chapel". */
export function places(targets: Target[], names: Names): string {
  return list(targets.map((t) => place(t, names)));
}

/** One target in words. */
export function place(target: Target, names: Names): string {
  if (target.all) return t.schedule.sentence.allScreens;
  if (target.site) return names.site(target.site);
  if (target.department) return names.department(target.department);
  if (target.screen) return quoted(names.screen(target.screen));
  return t.schedule.sentence.tagged(target.tag ?? '');
}
