// How numbers, dates and lists are written in the console's language. What Intl makes is slow to make and quick to use, and
// pages write thousands: each is made once.
import { locale } from './locale.svelte';

const made = new Map<string, unknown>();

function kept<T>(kind: string, options: object, make: (tag: string) => T): T {
  const tag = locale.tag;
  const key = `${kind} ${tag} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, make(tag));
  return made.get(key) as T;
}

export const formats = {
  number: (options: Intl.NumberFormatOptions = {}) => kept('number', options, (tag) => new Intl.NumberFormat(tag, options)),
  date: (options: Intl.DateTimeFormatOptions) => kept('date', options, (tag) => new Intl.DateTimeFormat(tag, options)),
  list: (options: Intl.ListFormatOptions) => kept('list', options, (tag) => new Intl.ListFormat(tag, options)),
  since: (options: Intl.RelativeTimeFormatOptions = {}) => kept('since', options, (tag) => new Intl.RelativeTimeFormat(tag, options)),
  languages: () => kept('languages', {}, (tag) => new Intl.DisplayNames([tag], { type: 'language' })),
  /** By name, and 2 before 10. */
  order: () => kept('order', {}, (tag) => new Intl.Collator(tag, { numeric: true })),
};
