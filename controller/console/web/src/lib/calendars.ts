// Closed days that a calendar gives, beside those that a set has.
import type { CalendarRead, Closure } from '../api/types';

/** What a calendar calls alike, and when it is. */
export interface Named {
  /** Empty for days without a name. */
  name: string;
  dates: string[];
}

/** A calendar's days by their names, in the order of the year. */
export function namesIn(read: CalendarRead): Named[] {
  const by = new Map<string, string[]>();
  for (const day of read.days) {
    for (const name of day.names.length ? day.names : ['']) by.set(name, [...(by.get(name) ?? []), day.date]);
  }
  return [...by].map(([name, dates]) => ({ name, dates }));
}

/** The days of a calendar but for those that have only names to skip, each with its first name. */
export function daysWithout(read: CalendarRead, skip: ReadonlySet<string>): { date: string; name: string }[] {
  return read.days.flatMap(({ date, names }) => {
    const left = (names.length ? names : ['']).filter((name) => !skip.has(name));
    return left.length ? [{ date, name: left[0] ?? '' }] : [];
  });
}

/** A set with days of a calendar added; those that it has keep what they are called. */
export function withDays(closure: Closure, days: { date: string; name: string }[]): Closure {
  const names = { ...closure.names };
  for (const { date, name } of days) if (name) names[date] ??= name;
  return { ...closure, dates: [...new Set([...closure.dates, ...days.map((d) => d.date)])].sort(), names };
}

/** A set that follows a calendar: what an earlier one gave from a date on goes. As the controller does it each day. */
export function following(closure: Closure, read: CalendarRead, url: string, skip: ReadonlySet<string>): Closure {
  const bare = without(closure, (closure.calendar?.days ?? []).filter((date) => date >= read.first));
  const kept = (closure.calendar?.days ?? []).filter((date) => date < read.first);
  const days = daysWithout(read, skip).filter((day) => !bare.dates.includes(day.date));
  return { ...withDays(bare, days), calendar: { url, skip: [...skip].sort(), days: [...kept, ...days.map((d) => d.date)].sort() } };
}

/** A set without some days. */
export function without(closure: Closure, dates: string[]): Closure {
  const names = { ...closure.names };
  for (const date of dates) delete names[date];
  return { ...closure, dates: closure.dates.filter((date) => !dates.includes(date)), names };
}

/** What is in the one list and not in the other, both ways. */
export function changes(before: string[], now: string[]): { added: string[]; removed: string[] } {
  return { added: now.filter((date) => !before.includes(date)), removed: before.filter((date) => !now.includes(date)) };
}
