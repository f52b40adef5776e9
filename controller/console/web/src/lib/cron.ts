// The small part of cron in which the console writes a window's start: a minute, an hour and days of the
// week. Staff never see it; a rule that a script wrote otherwise is left as it is.

export interface DailyStart {
  /** "08:00" on the wall clock. */
  from: string;
  /** 0 (Sunday) to 6 (Saturday), ascending, at least one. */
  days: number[];
}

export const everyDay = [0, 1, 2, 3, 4, 5, 6];

/** Writes "0 8 * * 1-5". */
export function toCron(start: DailyStart): string {
  const [hour, minute] = start.from.split(':').map(Number);
  return `${minute} ${hour} * * ${writeDays(start.days)}`;
}

/** Reads what toCron writes and its obvious variants; undefined for any other rule. */
export function fromCron(rule: string): DailyStart | undefined {
  const fields = rule.trim().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const [minute, hour, date, month, weekday] = fields as [string, string, string, string, string];
  if (date !== '*' || month !== '*') return undefined;
  if (!/^\d{1,2}$/.test(minute) || !/^\d{1,2}$/.test(hour)) return undefined;
  if (Number(minute) > 59 || Number(hour) > 23) return undefined;
  const days = readDays(weekday);
  return days && { from: `${hour.padStart(2, '0')}:${minute.padStart(2, '0')}`, days };
}

function writeDays(days: number[]): string {
  const sorted = [...new Set(days)].sort((a, b) => a - b);
  if (sorted.length === 7) return '*';
  const first = sorted[0] ?? 0;
  const last = sorted[sorted.length - 1] ?? 0;
  const unbroken = last - first === sorted.length - 1;
  return unbroken && sorted.length > 2 ? `${first}-${last}` : sorted.join(',');
}

const names = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function readDays(field: string): number[] | undefined {
  if (field === '*' || field === '?') return everyDay;
  const days = new Set<number>();
  for (const part of field.split(',')) {
    const bounds = part.split('-').map(readDay);
    const [from, to = from] = bounds;
    if (bounds.length > 2 || from === undefined || to === undefined || bounds.includes(undefined)) return undefined;
    if (from > to) return undefined;
    for (let day = from; day <= to; day++) days.add(day);
  }
  return [...days].sort((a, b) => a - b);
}

function readDay(text: string): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  if (named >= 0) return named;
  return /^[0-6]$/.test(text) ? Number(text) : undefined;
}
