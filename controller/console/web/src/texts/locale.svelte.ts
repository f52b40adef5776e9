// The language in which the console speaks, and how numbers and dates are written in it.

/** The languages of the console, each by its own name. */
export const languages = { en: 'English', es: 'Español' } as const;

export type Language = keyof typeof languages;

const kept = 'language';

/** Where the browser names no country: dates as in "24 December". */
const usual: Record<Language, string> = { en: 'en-GB', es: 'es' };

let language = $state<Language>('en');

export const locale = {
  get language(): Language {
    return language;
  },
  /** How Intl is to write: the browser's own kind of the language, "es-US", where it has one. */
  get tag(): string {
    return wishes().find((tag) => base(tag) === language) ?? usual[language];
  },
};

/** The language that was chosen in this browser, else the first that the browser asks for and the console has, else English. */
export function wanted(): Language {
  return [chosen(), ...wishes().map(base)].find(known) ?? 'en';
}

/** Everything that is said from now on is in the language. */
export function turnTo(to: Language): void {
  language = to;
  if (typeof document !== 'undefined') document.documentElement.lang = to;
}

/** Keeps a person's choice for the next time. */
export function keep(choice: Language): void {
  try {
    localStorage.setItem(kept, choice);
  } catch {
    // A browser that keeps nothing asks again.
  }
}

function chosen(): string {
  try {
    return localStorage.getItem(kept) ?? '';
  } catch {
    return '';
  }
}

// Outside a browser nobody asks for anything.
function wishes(): readonly string[] {
  return typeof document === 'undefined' ? [] : navigator.languages;
}

function base(tag: string): string {
  return tag.split('-')[0] ?? '';
}

function known(tag: string): tag is Language {
  return Object.hasOwn(languages, tag);
}
