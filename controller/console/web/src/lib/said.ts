// Sentences of the controller in the language of whoever reads.
import { t } from '../texts';

/** A sentence by its code, with what is filled in. */
export interface Phrase {
  code?: string;
  values?: string[];
}

/** A sentence in the reader's language, written as the English one is; the English one where it has no words of its own. */
export function said(phrase: Phrase | undefined, english: string): string {
  const words = phrase?.code ? t.said[phrase.code] : undefined;
  if (!words) return english;
  const text = words(...(phrase?.values ?? []));
  const first = /^\p{Lu}/u.test(english) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return english.endsWith('.') && !first.endsWith('.') ? `${first}.` : first;
}
