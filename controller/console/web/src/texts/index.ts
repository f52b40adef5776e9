// What the console says, in the language of whoever reads: t.screens.title. README.md says how a text is added.
import { en, type Texts } from './en';
import { keep, locale, turnTo, wanted, type Language } from './locale.svelte';

export { languages, locale } from './locale.svelte';
export type { Language } from './locale.svelte';

// Nobody loads a language that they do not read; English is there for what comes before the choice.
const loads: Record<Language, () => Promise<Texts>> = {
  en: () => Promise.resolve(en),
  es: async () => (await import('./es')).es,
};
const loaded: Partial<Record<Language, Texts>> = { en };

/** The texts. What is read of it in markup, in $derived or in an effect follows the language. */
export const t: Texts = new Proxy(en, {
  get: (_, group: keyof Texts) => (loaded[locale.language] ?? en)[group],
});

/** Turns to the language that this browser wants; to English where the other cannot be fetched. */
export async function begin(): Promise<void> {
  await turn(wanted()).catch(() => turnTo('en'));
}

/** Turns to a language that a person chose, and keeps it. */
export async function choose(language: Language): Promise<void> {
  await turn(language);
  keep(language);
}

async function turn(language: Language): Promise<void> {
  loaded[language] ??= await loads[language]();
  turnTo(language);
}
