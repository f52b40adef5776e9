// When a window is on, as its form has it, and the words for it in a language.
import type { Window } from '../../api/types';
import { everyDay, fromCron, toCron } from '../cron';

/** What the words are about; the same in every language. */
export interface When {
  /** 0 (Sunday) to 6 (Saturday), ascending, at least one. */
  days: number[];
  /** "08:00" on the wall. */
  from: string;
  end: Window['end'];
  first?: string;
  last?: string;
  /** Sets of closed days, by id. */
  closures: string[];
}

/** A set of closed days as people know it. */
export interface Named {
  id: string;
  name: string;
}

/** Something that was not understood: the very words, and why where that is known. */
export interface Puzzle {
  part: string;
  reason: 'unknown' | 'twice' | 'weeks' | 'dates' | 'no-days' | 'no-hours' | 'no-date' | 'backwards' | 'closure';
}

export type Read = { when: When } | { puzzle: Puzzle };

/** The words of a language. All patterns are tried where a part begins, without regard to capitals. */
export interface Grammar {
  /** Names of the days from Sunday, as they are said and as they may be written. */
  days: { said: string; written: string }[];
  everyDay: RegExp;
  weekdays: RegExp;
  weekends: RegExp;
  /** Before a list of days, and between two of them. */
  before: RegExp;
  and: RegExp;
  through: RegExp;
  allDay: RegExp;
  /** A time: groups hour, minute, half. */
  time: RegExp;
  midnight: RegExp;
  noon: RegExp;
  beforeTime: RegExp;
  toTime: RegExp;
  nextDay: RegExp;
  /** Some days later: group days. */
  laterDays: RegExp;
  since: RegExp;
  until: RegExp;
  on: RegExp;
  months: string[];
  /** Dates: groups day, month, year. */
  dates: RegExp[];
  except: RegExp;
  /** All closed days there are. */
  allClosures: RegExp;
  /** What a rule cannot say: weeks or months that are counted, days of the month. */
  counted: RegExp;
  monthly: RegExp;
  say: (when: Said) => string;
}

/** What is said, in parts that a language puts together. */
export interface Said {
  kind: 'day' | 'weekday' | 'weekend' | 'days';
  days: number[];
  allDay: boolean;
  from: string;
  to: string;
  /** Days after the start; midnight is the end of the day before. */
  later: number;
  midnight: boolean;
  first?: SaidDate;
  last?: SaidDate;
  closures: string[];
}

export interface SaidDate {
  day: number;
  month: number;
  /** Absent where it is the next such date. */
  year?: number;
}

/** When a window is on; undefined where its rule was written elsewhere. */
export function whenOf(window: Pick<Window, 'start' | 'end' | 'first' | 'last' | 'closures'>): When | undefined {
  const start = fromCron(window.start);
  if (!start) return undefined;
  return { ...start, end: window.end, first: window.first || undefined, last: window.last || undefined, closures: window.closures ?? [] };
}

/** What a window takes from that. */
export function intoWindow(when: When): Pick<Window, 'start' | 'end' | 'first' | 'last' | 'closures'> {
  return { start: toCron(when), end: when.end, first: when.first, last: when.last, closures: when.closures };
}

/** The same end, midnight as the beginning of the next day. */
export function sameEnd(end: Window['end']): { days: number; clock: string } {
  return end.clock === '24:00' ? { days: (end.days ?? 0) + 1, clock: '00:00' } : { days: end.days ?? 0, clock: end.clock };
}

/** Puts a rule into the parts that languages say. */
export function partsOf(when: When, names: Named[], today: string): Said {
  const end = sameEnd(when.end);
  const midnight = end.clock === '00:00' && end.days > 0;
  const allDay = when.from === '00:00' && midnight && end.days === 1;
  const date = (text?: string) => (text ? saidDate(text, today) : undefined);
  return {
    kind: kindOf(when.days), days: [...when.days].sort((a, b) => ((a + 6) % 7) - ((b + 6) % 7)), allDay,
    from: short(when.from), to: short(end.clock), later: midnight ? end.days - 1 : end.days, midnight,
    first: date(when.first), last: date(when.last),
    closures: when.closures.map((id) => names.find((n) => n.id === id)?.name ?? id),
  };
}

function kindOf(days: number[]): Said['kind'] {
  const key = [...days].sort().join('');
  return key === '0123456' ? 'day' : key === '12345' ? 'weekday' : key === '06' ? 'weekend' : 'days';
}

function short(clock: string): string {
  return clock.replace(/^0(\d)/, '$1');
}

function saidDate(text: string, today: string): SaidDate {
  const [year = 0, month = 1, day = 1] = text.split('-').map(Number);
  return text === nextDate(day, month, today) ? { day, month } : { day, month, year };
}

/** The next date with a day and month, today included; undefined if there is none such. */
export function nextDate(day: number, month: number, today: string): string | undefined {
  const year = Number(today.slice(0, 4));
  for (let n = 0; n < 9; n++) {
    const found = realDate(year + n, month, day);
    if (found && found >= today) return found;
  }
  return undefined;
}

/** "2026-02-28"; undefined for a date that does not exist. */
export function realDate(year: number, month: number, day: number): string | undefined {
  const at = new Date(Date.UTC(year, month - 1, day));
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? at.toISOString().slice(0, 10) : undefined;
}

export { everyDay };
