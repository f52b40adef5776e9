// Local days and times of a department, from the browser's own zone data.

interface Local {
  date: string;
  minutes: number;
  seconds: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
      hour: '2-digit', minute: '2-digit', second: '2-digit',
    });
    formats.set(zone, found);
  }
  return found;
}

/** What calendar and clock on the wall say at an instant. */
export function local(at: Date, zone: string): Local {
  const part: Record<string, string> = {};
  for (const { type, value } of format(zone).formatToParts(at)) part[type] = value;
  return {
    date: `${part.year}-${part.month}-${part.day}`,
    minutes: Number(part.hour) * 60 + Number(part.minute),
    seconds: Number(part.second),
  };
}

/** "14:05", or "14:05:09" with seconds. */
export function clock(at: Date | string, zone: string, withSeconds = false): string {
  const { minutes, seconds } = local(new Date(at), zone);
  return clockOf(minutes) + (withSeconds ? `:${two(seconds)}` : '');
}

/** "14:05" of minutes since midnight. */
export function clockOf(minutes: number): string {
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}

/**
 * The instant at which the wall shows a date and time. A time that the clocks skip is the first instant
 * after the gap, one that comes twice is the first: as the players have it.
 */
export function instant(date: string, time: string, zone: string): Date {
  const wanted = Date.parse(`${date}T${time.length === 5 ? `${time}:00` : time}Z`);
  const candidates = [wanted - 86_400_000, wanted + 86_400_000].map((near) => wanted - offset(near, zone));
  const hits = candidates.filter((at) => at + offset(at, zone) === wanted);
  if (hits.length > 0) return new Date(Math.min(...hits));
  return new Date(change(Math.min(...candidates), Math.max(...candidates), zone));
}

/** Milliseconds that the wall is ahead of UTC. */
function offset(at: number, zone: string): number {
  const whole = Math.floor(at / 1000) * 1000;
  const { date, minutes, seconds } = local(new Date(whole), zone);
  return Date.parse(`${date}T00:00:00Z`) + (minutes * 60 + seconds) * 1000 - whole;
}

/** The first instant after before at which the offset is that of after. */
function change(before: number, after: number, zone: string): number {
  const target = offset(after, zone);
  let low = before;
  let high = after;
  while (high - low > 1000) {
    const middle = Math.floor((low + high) / 2000) * 1000;
    if (offset(middle, zone) === target) high = middle;
    else low = middle;
  }
  return high;
}

/** A date once it is whole: while its year is typed, a field has years of the first centuries. */
export function wholeDate(text: string | null | undefined): string | undefined {
  return text && /^2\d{3}-\d\d-\d\d$/.test(text) ? text : undefined;
}

/** The date n days after another. */
export function addDays(date: string, n: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + n * 86_400_000).toISOString().slice(0, 10);
}

/** Today on the wall of a zone. */
export function today(zone: string, now = new Date()): string {
  return local(now, zone).date;
}

/** The zone of the person's own machine. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
