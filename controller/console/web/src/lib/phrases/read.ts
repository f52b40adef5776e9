// Reads a sentence about when a window is on, part by part, in any order.
import { everyDay, nextDate, realDate, type Grammar, type Named, type Puzzle, type Read, type When } from './rule';

/** What has been read so far. */
type Found = Partial<Pick<When, 'days' | 'from' | 'end' | 'first' | 'last' | 'closures'>>;

class Misread extends Error {
  readonly puzzle: Puzzle;

  constructor(part: string, reason: Puzzle['reason']) {
    super(reason);
    this.puzzle = { part: part.trim(), reason };
  }
}

/** Reads a text by a grammar. today is the date from which dates without a year are the next ones. */
export function read(text: string, grammar: Grammar, closures: Named[], today: string): Read {
  try {
    return { when: new Reader(text, grammar, closures, today).all() };
  } catch (thrown) {
    if (thrown instanceof Misread) return { puzzle: thrown.puzzle };
    throw thrown;
  }
}

class Reader {
  readonly #text: string;
  readonly #grammar: Grammar;
  readonly #closures: Named[];
  readonly #today: string;
  #at = 0;
  #found: Found = {};
  /** Dates that were said without a year. */
  readonly #open = new Set<string>();

  constructor(text: string, grammar: Grammar, closures: Named[], today: string) {
    this.#text = text.replace(/\s+/g, ' ').replace(/[.\s]+$/, '');
    this.#grammar = grammar;
    this.#closures = [...closures].sort((a, b) => b.name.length - a.name.length);
    this.#today = today;
  }

  all(): When {
    for (this.#skip(); this.#at < this.#text.length; this.#skip()) {
      const from = this.#at;
      if (!(this.#closed() || this.#dates() || this.#hours() || this.#days())) throw this.#lost(from);
    }
    this.#settle();
    const { from, end, first, last, closures = [] } = this.#found;
    const days = this.#found.days ?? (first && first === last ? everyDay : undefined);
    if (!days) throw new Misread(this.#text, 'no-days');
    if (!from || !end) throw new Misread(this.#text, 'no-hours');
    if (first && last && last < first) throw new Misread(this.#text, 'backwards');
    return { days, from, end, first, last, closures };
  }

  /** From June until August is in July this summer, and the last day is after the first where that leaves a choice. */
  #settle(): void {
    const { first, last } = this.#found;
    if (!first || !last || first <= last) return;
    const [year = 0, month = 1, day = 1] = first.split('-').map(Number);
    const [, lastMonth = 1, lastDay = 1] = last.split('-').map(Number);
    if (this.#open.has(first)) this.#found.first = realDate(year - 1, month, day) ?? first;
    else if (this.#open.has(last)) this.#found.last = nextDate(lastDay, lastMonth, first);
  }

  /** Why what stands here is not understood. */
  #lost(from: number): Misread {
    const rest = this.#text.slice(from);
    const part = /^[^,;]+/.exec(rest)?.[0] ?? rest;
    if (this.#grammar.counted.test(part)) return new Misread(part, 'weeks');
    if (this.#grammar.monthly.test(part)) return new Misread(part, 'dates');
    return new Misread(part, 'unknown');
  }

  #skip(): void {
    this.#take(/[\s,;]+/);
  }

  /** Takes what a pattern matches here. */
  #take(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern.source, 'iuy');
    sticky.lastIndex = this.#at;
    const hit = sticky.exec(this.#text);
    if (!hit || hit[0] === '') return undefined;
    this.#at += hit[0].length;
    return hit;
  }

  /** Tries a part; where it does not match as a whole, nothing is taken. */
  #try<T>(part: () => T | undefined): T | undefined {
    const from = this.#at;
    const value = part();
    if (value === undefined) this.#at = from;
    return value;
  }

  #keep(value: Found, from: number): true {
    for (const key of Object.keys(value) as (keyof Found)[]) {
      if (this.#found[key] !== undefined) throw new Misread(this.#text.slice(from, this.#at), 'twice');
    }
    Object.assign(this.#found, value);
    return true;
  }

  #days(): boolean {
    const g = this.#grammar;
    const from = this.#at;
    const days = this.#try(() => {
      if (this.#take(g.counted)) throw this.#lost(from);
      if (this.#take(g.everyDay)) return everyDay;
      this.#take(g.before);
      const all = new Set<number>();
      do {
        const some = this.#someDays();
        if (!some) return undefined;
        for (const day of some) all.add(day);
      } while (this.#try(() => (this.#take(g.and) && this.#aheadIsDay() ? true : undefined)));
      return [...all].sort((a, b) => a - b);
    });
    return days !== undefined && this.#keep({ days }, from);
  }

  #aheadIsDay(): boolean {
    const at = this.#at;
    const is = this.#someDays() !== undefined;
    this.#at = at;
    return is;
  }

  #someDays(): number[] | undefined {
    const g = this.#grammar;
    if (this.#take(g.weekdays)) return [1, 2, 3, 4, 5];
    if (this.#take(g.weekends)) return [0, 6];
    const first = this.#oneDay();
    if (first === undefined) return undefined;
    const last = this.#try(() => (this.#take(g.through) ? this.#oneDay() : undefined));
    if (last === undefined) return [first];
    const days = [];
    for (let day = first; ; day = (day + 1) % 7) {
      days.push(day);
      if (day === last) return days;
    }
  }

  #oneDay(): number | undefined {
    const at = this.#grammar.days.findIndex((day) => this.#take(new RegExp(`(?:${day.written})(?![\\p{L}\\d])`)));
    return at < 0 ? undefined : at;
  }

  #hours(): boolean {
    const g = this.#grammar;
    const start = this.#at;
    if (this.#take(g.allDay)) return this.#keep({ from: '00:00', end: { clock: '24:00' } }, start);
    const hours = this.#try(() => {
      this.#take(g.beforeTime);
      const from = this.#time();
      if (from === undefined || !this.#take(g.toTime)) return undefined;
      const to = this.#time();
      return to === undefined ? undefined : { from, to };
    });
    if (!hours) return false;
    const from = hours.from === '24:00' ? '00:00' : hours.from;
    const later = this.#take(g.laterDays);
    const next = later ? Number(later.groups?.days) : this.#take(g.nextDay) ? 1 : 0;
    return this.#keep({ from, end: endOf(from, hours.to, next) }, start);
  }

  #time(): string | undefined {
    const g = this.#grammar;
    if (this.#take(g.midnight)) return '24:00';
    if (this.#take(g.noon)) return '12:00';
    return this.#try(() => {
      const hit = this.#take(g.time)?.groups;
      if (!hit) return undefined;
      const half = hit.half?.replace(/[^apm]/gi, '').toLowerCase();
      let hour = Number(hit.hour);
      if (half && (hour < 1 || hour > 12)) return undefined;
      if (half) hour = (hour % 12) + (half.startsWith('p') ? 12 : 0);
      const minute = Number(hit.minute ?? 0);
      if (minute > 59 || hour > 24 || (hour === 24 && minute > 0)) return undefined;
      return `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
    });
  }

  #dates(): boolean {
    const g = this.#grammar;
    const from = this.#at;
    for (const [lead, keep] of [
      [g.since, (date: string) => ({ first: date })], [g.until, (date: string) => ({ last: date })], [g.on, (date: string) => ({ first: date, last: date })],
    ] as [RegExp, (date: string) => Found][]) {
      const date = this.#try(() => (this.#take(lead) ? this.#date() : undefined));
      if (date !== undefined) return this.#keep(keep(date), from);
    }
    return false;
  }

  #date(): string | undefined {
    const from = this.#at;
    for (const pattern of this.#grammar.dates) {
      const hit = this.#take(pattern)?.groups;
      if (!hit) continue;
      const month = /^\d+$/.test(hit.month ?? '') ? Number(hit.month) : this.#grammar.months.findIndex((m) => new RegExp(`^(?:${m})$`, 'iu').test(hit.month ?? '')) + 1;
      const day = Number(hit.day);
      const date = hit.year ? realDate(Number(hit.year), month, day) : nextDate(day, month, this.#today);
      if (!date) throw new Misread(this.#text.slice(from, this.#at), 'no-date');
      if (!hit.year) this.#open.add(date);
      return date;
    }
    return undefined;
  }

  #closed(): boolean {
    const from = this.#at;
    if (!this.#take(this.#grammar.except)) return false;
    const ids: string[] = [];
    do {
      const some = this.#someClosures();
      if (!some) throw new Misread(this.#text.slice(this.#at) || this.#text.slice(from), 'closure');
      ids.push(...some);
    } while (this.#try(() => (this.#take(/\s*[,;]\s*/) ? (this.#take(this.#grammar.and), this.#aheadIsClosure()) || undefined : this.#take(this.#grammar.and) ? true : undefined)));
    return this.#keep({ closures: [...new Set(ids)] }, from);
  }

  #aheadIsClosure(): boolean {
    const at = this.#at;
    const is = this.#someClosures() !== undefined;
    this.#at = at;
    return is;
  }

  #someClosures(): string[] | undefined {
    const named = this.#try(() => {
      this.#take(/["“«]/);
      const rest = this.#text.slice(this.#at).toLowerCase();
      const hit = this.#closures.find(({ name }) => rest.startsWith(plain(name)) && !/^[\p{L}\d]/u.test(rest.slice(plain(name).length)));
      if (!hit) return undefined;
      this.#at += plain(hit.name).length;
      this.#take(/["”»]/);
      return [hit.id];
    });
    if (named) return named;
    return this.#closures.length && this.#take(this.#grammar.allClosures) ? this.#closures.map((c) => c.id).sort() : undefined;
  }
}

/** A name as the text has it: small, with single spaces. */
function plain(name: string): string {
  return name.replace(/\s+/g, ' ').trim().toLowerCase();
}

/** An end that is not after the start is the next day's. */
function endOf(from: string, to: string, later: number): When['end'] {
  if (to === '24:00') return from === '00:00' && later === 0 ? { clock: '24:00' } : { days: later + 1, clock: '00:00' };
  const days = later === 0 && to <= from ? 1 : later;
  return days ? { days, clock: to } : { clock: to };
}
