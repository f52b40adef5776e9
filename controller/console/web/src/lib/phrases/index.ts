// When a window is on, in plain words: said and read, in the languages of the console.
import type { Language } from '../../texts/locale.svelte';
import { english } from './en';
import { spanish } from './es';
import { read } from './read';
import { partsOf, type Named, type Read, type When } from './rule';

export { intoWindow, sameEnd, whenOf } from './rule';
export type { Puzzle, Read, When } from './rule';

const grammars = { en: english, es: spanish };

/** "Every weekday 8:00 to 17:00 until 24 December, except Public holidays". today settles which dates need no year. */
export function sayWhen(when: When, language: Language, closures: Named[], today: string): string {
  return grammars[language].say(partsOf(when, closures, today));
}

/** What a person wrote, or what of it is not understood. */
export function readWhen(text: string, language: Language, closures: Named[], today: string): Read {
  return read(text, grammars[language], closures, today);
}
