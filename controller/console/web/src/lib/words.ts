// How the console says things: one place, so that it says them alike everywhere.
import type { ScreenState } from '../api/types';
import { locale, t } from '../texts';
import { formats } from '../texts/formats';
import type { Texts } from '../texts/en';
import { clock, local } from './zone';

/** A name out of a catalogue, or what it would have been the name of. */
export function named(names: Record<string, string>, key: string): string {
  return names[key] ?? key;
}

const phaseIDs = ['symptoms', 'diagnosis', 'treatment', 'recovery', 'prevention'] as const;

export const phases: { id: string; name: string }[] = phaseIDs.map((id) => ({
  id,
  get name() {
    return t.words.phases[id];
  },
}));

export type Platform = 'screens' | 'phone' | 'feed' | 'paper';

/** Where an item may go. */
export const platforms = (['screens', 'phone', 'feed', 'paper'] as const).map((id) => ({
  id,
  get name() {
    return t.words.platforms[id];
  },
}));

/** Where an item goes that does not say. */
export const usualPlatforms: Platform[] = ['screens', 'phone', 'paper'];

export const severities = (['notice', 'warning', 'emergency'] as const).map((id, n) => ({
  value: n + 1,
  get name() {
    return t.words.severities[id];
  },
}));

/** "Warning" for 2. */
export function severityName(value: number): string {
  return severities.find((s) => s.value === value)?.name ?? t.words.takeover;
}

/** What decides, "Filler". */
export function sourceName(source: string): string {
  return named(t.words.sources, source);
}

/** States in the order in which staff want to see them: what needs a person comes first. */
export const states: Record<ScreenState, { name: keyof Texts['words']['states']; tone: Tone; rank: number }> = {
  'no-picture': { name: 'noPicture', tone: 'bad', rank: 0 },
  'revoked': { name: 'revoked', tone: 'bad', rank: 1 },
  'alone': { name: 'alone', tone: 'warn', rank: 2 },
  'unpaired': { name: 'unpaired', tone: 'warn', rank: 3 },
  'never-seen': { name: 'neverSeen', tone: 'warn', rank: 4 },
  'playing': { name: 'playing', tone: 'good', rank: 6 },
};

/** How a screen is, at a glance: its state, and whether something in its notes wants a look all the same. */
export function conditionOf(screen: { state: ScreenState; notes: number | unknown[] }): { name: string; tone: Tone; rank: number } {
  const { tone, rank, name } = states[screen.state];
  const said = t.words.states[name];
  const noted = typeof screen.notes === 'number' ? screen.notes : screen.notes.length;
  if (tone !== 'good' || !noted) return { name: said, tone, rank };
  return { name: t.words.withNote(said), tone: 'warn', rank: 5 };
}

/** A state alone, "No link". */
export function stateName(state: ScreenState): string {
  return t.words.states[states[state].name];
}

/** How a screen is, in full: "Playing on its own since 14:05". */
export function stateWords(screen: { state_text: string; state_code?: string; state_at?: string; state_files?: number }): string {
  const all: Record<string, (at: string, files: number) => string> = t.words.stateWords;
  const say = all[screen.state_code ?? ''];
  return say ? say(screen.state_at ? wallWords(screen.state_at) : '', screen.state_files ?? 0) : screen.state_text;
}

/** "14:05" of an instant that says how far its wall clock is from Greenwich, with the date where it is not today's there. */
function wallWords(at: string, now = Date.now()): string {
  const [date = '', time = ''] = at.split('T');
  const ahead = Date.parse(`${at.slice(0, 19)}Z`) - Date.parse(at);
  const today = new Date(now + ahead).toISOString().slice(0, 10);
  return date === today ? time.slice(0, 5) : t.words.dateAt(dayWords(date), time.slice(0, 5));
}

export type Tone = 'good' | 'warn' | 'bad' | 'quiet';

/** "Spanish" for "es". */
export function languageName(tag: string): string {
  if (tag === 'zxx') return t.words.noWords;
  try {
    return formats.languages().of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** The name of a language where nothing stands before it: "Español". */
export function languageTitle(tag: string): string {
  return capital(languageName(tag));
}

export function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(locale.tag) + text.slice(1);
}

export const commonLanguages = ['en', 'es', 'zh-Hans', 'vi', 'tl', 'ar', 'fr', 'ko', 'ru', 'ht', 'pt', 'pl', 'de', 'hi', 'zxx'];

/** "a, b and c". */
export function list(words: string[]): string {
  return formats.list({ type: 'conjunction' }).format(words);
}

/** "a, b or c". */
export function either(words: string[]): string {
  return formats.list({ type: 'disjunction' }).format(words);
}

/** A name among other words: names may have commas of their own. */
export function quoted(name: string): string {
  return t.words.quoted(name);
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
  const digits = unit && n < 10 ? 1 : 0;
  return `${formats.number({ minimumFractionDigits: digits, maximumFractionDigits: digits }).format(n)} ${units[unit]}`;
}

/** "just now", "5 minutes ago", "in 2 hours". */
export function ago(at: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  const size = Math.abs(seconds);
  if (seconds <= 0 && size < 10) return t.words.justNow;
  const say = formats.since({ numeric: 'auto' });
  if (size < 60) return say.format(seconds, 'second');
  if (size < 3600) return say.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return say.format(Math.round(seconds / 3600), 'hour');
  return say.format(Math.round(seconds / 86_400), 'day');
}

/** "7 seconds ago", "5 minutes ago": how old something is, also where that is little. */
export function age(at: string, now: number): string {
  const seconds = Math.floor((now - Date.parse(at)) / 1000);
  return seconds < 60 ? formats.since().format(-seconds, 'second') : ago(at, now);
}

/** "Thu 24 Dec 2026" of a date without a zone. */
export function dateWords(date: string, withYear = true): string {
  const form = formats.date({ timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short', ...(withYear ? { year: 'numeric' } : {}) });
  return form.format(new Date(`${date}T00:00:00Z`));
}

/** "24 December", with the year where it is not this one. */
export function dayWords(date: string, now = new Date()): string {
  const other = date.slice(0, 4) !== String(now.getFullYear());
  return formats.date({ timeZone: 'UTC', day: 'numeric', month: 'long', ...(other ? { year: 'numeric' } : {}) }).format(new Date(`${date}T00:00:00Z`));
}

/** "October 2026" for "2026-10". */
export function monthWords(month: string): string {
  return formats.date({ timeZone: 'UTC', month: 'long', year: 'numeric' }).format(new Date(`${month}-01T00:00:00Z`));
}

/** "Thu 24 Dec 2026, 14:05" on the wall of a zone. */
export function momentWords(at: string, zone: string): string {
  return t.words.moment(dateWords(local(new Date(at), zone).date), clock(at, zone));
}

/** "New York time" for "America/New_York". */
export function zoneWords(zone: string): string {
  return zone.includes('/') ? t.words.zoneOf(zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')) : zone;
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
