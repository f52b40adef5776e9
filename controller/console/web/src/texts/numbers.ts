// Numbers among words.
import { formats } from './formats';
import type { Language } from './locale.svelte';

/** A text for each plural that a language has; other is the one for all that have none of their own. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

/** "1,200". */
export function number(n: number): string {
  return formats.number().format(n);
}

/** How a language speaks of numbers. */
export function plurals(language: Language) {
  const rules = new Intl.PluralRules(language);
  /** The form for a number, without it: "is" or "are". */
  const form = (n: number, forms: Forms): string => forms[rules.select(n)] ?? forms.other;
  /** The number and the form for it: "1 screen", "2 screens". */
  const count = (n: number, forms: Forms): string => `${number(n)} ${form(n, forms)}`;
  return { form, count };
}
