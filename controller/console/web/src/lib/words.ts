// How the console says things: one place, so that it says them alike everywhere.
import type { FleetScreen, ScreenState } from '../api/types';
import { clock, local } from './zone';

export const phases: { id: string; name: string }[] = [
  { id: 'symptoms', name: 'Symptoms' },
  { id: 'diagnosis', name: 'Diagnosis' },
  { id: 'treatment', name: 'Treatment' },
  { id: 'recovery', name: 'Recovery' },
  { id: 'prevention', name: 'Prevention' },
];

export const severities = ['Notice', 'Warning', 'Emergency'].map((name, n) => ({ value: n + 1, name }));

/** "Warning" for 2. */
export function severityName(value: number): string {
  return severities.find((s) => s.value === value)?.name ?? 'Takeover';
}

const sources: Record<string, string> = {
  takeover: 'Takeover',
  window: 'Schedule',
  closed: 'Closed programme',
  filler: 'Filler',
  slate: 'Slate',
};

/** What decides, "Filler". */
export function sourceName(source: string): string {
  return sources[source] ?? source;
}

/** States in the order in which staff want to see them: what needs a person comes first. */
export const states: Record<ScreenState, { name: string; tone: Tone; rank: number }> = {
  'no-picture': { name: 'No picture', tone: 'bad', rank: 0 },
  'revoked': { name: 'Cut off', tone: 'bad', rank: 1 },
  'alone': { name: 'No link', tone: 'warn', rank: 2 },
  'unpaired': { name: 'No player', tone: 'warn', rank: 3 },
  'never-seen': { name: 'Not heard of', tone: 'warn', rank: 4 },
  'playing': { name: 'Playing', tone: 'good', rank: 6 },
};

/** How a screen is, at a glance: its state, and whether something in its notes wants a look all the same. */
export function conditionOf(screen: Pick<FleetScreen, 'state' | 'notes'>): { name: string; tone: Tone; rank: number } {
  const known = states[screen.state];
  if (known.tone !== 'good' || !screen.notes.length) return known;
  return { name: `${known.name}, with a note`, tone: 'warn', rank: 5 };
}

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

const languageNames = new Intl.DisplayNames(['en'], { type: 'language' });

/** "Spanish" for "es". */
export function languageName(tag: string): string {
  if (tag === 'zxx') return 'No words';
  try {
    return languageNames.of(tag) ?? tag;
  } catch {
    return tag;
  }
}

export const commonLanguages = ['en', 'es', 'zh-Hans', 'vi', 'tl', 'ar', 'fr', 'ko', 'ru', 'ht', 'pt', 'pl', 'de', 'hi', 'zxx'];

/** "1 screen", "2 screens". */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
}

/** "a, b and c". */
export function list(words: string[], last = 'and'): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} ${last} ${words[words.length - 1]}`;
}

/** A name among other words: names may have commas of their own. */
export function quoted(name: string): string {
  return `“${name}”`;
}

/** "45 s", "2 min 10 s", "3 h 5 min". */
export function duration(millis: number): string {
  const seconds = Math.round(millis / 1000);
  if (seconds < 60) return measure(seconds, 's');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${measure(minutes, 'min')} ${measure(seconds % 60, 's')}` : measure(minutes, 'min');
  const hours = Math.floor(minutes / 60);
  return minutes % 60 ? `${measure(hours, 'h')} ${measure(minutes % 60, 'min')}` : measure(hours, 'h');
}

/** A number and its unit, never parted at a line's end. */
function measure(n: number, unit: string): string {
  return `${n}\u00a0${unit}`;
}

/** "1.2 MB". */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  while (n >= 1000 && unit < units.length - 1) {
    n /= 1000;
    unit++;
  }
  return `${unit && n < 10 ? n.toFixed(1) : Math.round(n)} ${units[unit]}`;
}

/** "just now", "5 minutes ago", "in 2 hours". */
export function ago(at: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  const size = Math.abs(seconds);
  if (seconds <= 0 && size < 10) return 'just now';
  const say = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  if (size < 60) return say.format(seconds, 'second');
  if (size < 3600) return say.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return say.format(Math.round(seconds / 3600), 'hour');
  return say.format(Math.round(seconds / 86_400), 'day');
}

/** "7 seconds ago", "5 minutes ago": how old something is, also where that is little. */
export function age(at: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(at)) / 1000);
  return seconds < 60 ? `${count(seconds, 'second')} ago` : ago(at, now);
}

/** "Thu 24 Dec 2026" of a date without a zone. */
export function dateWords(date: string, withYear = true): string {
  return new Date(`${date}T00:00:00Z`).toLocaleDateString('en-GB', {
    timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short', ...(withYear ? { year: 'numeric' } : {}),
  });
}

/** "24 December", with the year where it is not this one. */
export function dayWords(date: string, now = new Date()): string {
  const other = date.slice(0, 4) !== String(now.getFullYear());
  return new Date(`${date}T00:00:00Z`).toLocaleDateString('en-GB', {
    timeZone: 'UTC', day: 'numeric', month: 'long', ...(other ? { year: 'numeric' } : {}),
  });
}

/** "October 2026" for "2026-10". */
export function monthWords(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-GB', { timeZone: 'UTC', month: 'long', year: 'numeric' });
}

/** "Thu 24 Dec 2026, 14:05" on the wall of a zone. */
export function momentWords(at: string, zone: string): string {
  return `${dateWords(local(new Date(at), zone).date)}, ${clock(at, zone)}`;
}

/** "New York time" for "America/New_York". */
export function zoneWords(zone: string): string {
  return zone.includes('/') ? `${zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')} time` : zone;
}

/** An id from a name: "Paediatrics, by the window" becomes "paediatrics-by-the-window". */
export function slug(name: string): string {
  const plain = name.normalize('NFKD').replace(/[\u0300-\u036f]/g, '').toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 56).replace(/-+$/, '');
}

/** The id for a new document: its name, and a few letters more where that is taken or empty. */
export function newID(name: string, taken: Iterable<string>): string {
  const base = slug(name) || 'unnamed';
  // "new" is the address of the form for a new document.
  const used = new Set([...taken, 'new']);
  if (!used.has(base)) return base;
  for (let n = 2; ; n++) if (!used.has(`${base}-${n}`)) return `${base}-${n}`;
}
