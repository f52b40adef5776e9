// What is different between two versions of an item, field by field.
import type { Item, Rendition, Slide } from '../api/types';

export interface Difference {
  /** The field, "title", or of a rendition "alt". */
  field: string;
  /** The language of the rendition that it is in. */
  language?: string;
  /** Absent where there was nothing, or where the thing itself has no words. */
  before?: string;
  after?: string;
  /** It is not words: a picture or a film, to be looked at. */
  seen?: boolean;
}

/** Gives a slide's words by its digest; undefined for what is no slide. */
export type Words = (digest: string) => Slide | undefined;

/** What is different; all of it where there is no version before. */
export function differences(before: Item | undefined, after: Item, words: Words): Difference[] {
  const was: Partial<Item> = before ?? {};
  const own = [
    one('title', was.title, after.title),
    one('from', was.from, after.from), one('until', was.until, after.until), one('review_by', was.review_by, after.review_by),
    one('phase', was.phase, after.phase), one('topics', was.topics?.join(', '), after.topics?.join(', ')),
    one('platforms', went(was.platforms), went(after.platforms)),
    one('hand_off', was.hand_off?.toString(), after.hand_off?.toString()),
    one('millis', was.millis?.toString(), after.millis?.toString()),
    one('sponsor', was.sponsor, after.sponsor), one('campaign', was.campaign, after.campaign),
    one('severity', was.template?.severity.toString(), after.template?.severity.toString()), one('minutes', was.template?.minutes.toString(), after.template?.minutes.toString()),
  ];
  return [...own.slice(0, 1), ...renditions(was.renditions ?? [], after.renditions ?? [], words), ...own.slice(1)].filter((d) => d !== undefined);
}

/** Where an item goes, in the order in which the form has it; nothing where it does not say. */
function went(to: string[] | null | undefined): string | undefined {
  return to?.join(', ');
}

function one(field: string, before: string | undefined, after: string | undefined, language?: string): Difference | undefined {
  if ((before ?? '') === (after ?? '')) return undefined;
  return { field, before: before || undefined, after: after || undefined, ...(language ? { language } : {}) };
}

function renditions(before: Rendition[], after: Rendition[], words: Words): (Difference | undefined)[] {
  const languages = [...new Set([...after, ...before].map((r) => r.language))];
  return languages.flatMap((language) => {
    const was = before.find((r) => r.language === language);
    const is = after.find((r) => r.language === language);
    if (!was || !is) return [{ field: 'language', language, ...(was ? { before: language } : { after: language }) }];
    return [...pictures(was, is, words), captions(was, is), one('alt', was.alt, is.alt, language)];
  });
}

const mediumOf = (r: Rendition): string => r.variants?.[0]?.medium ?? 'image';
const digestOf = (r: Rendition): string => r.variants?.[0]?.digest ?? '';
const names: Record<string, string> = { image: 'picture', video: 'film', slide: 'slide' };

function captions(was: Rendition, is: Rendition): Difference | undefined {
  const [before, after] = [was.captions?.digest, is.captions?.digest];
  if (before === after) return undefined;
  return { field: 'captions', language: is.language, seen: true };
}

function pictures(was: Rendition, is: Rendition, words: Words): (Difference | undefined)[] {
  const pages = (r: Rendition): string => [r.variants, ...(r.further ?? [])].map((page) => page?.[0]?.digest).join();
  if (pages(was) === pages(is)) return [];
  const [a, b] = [words(digestOf(was)), words(digestOf(is))];
  if (!a || !b) return [{ field: names[mediumOf(is)] ?? 'picture', language: is.language, seen: true }];
  const found = [
    one('template', a.template, b.template, is.language), one('heading', a.title, b.title, is.language), one('text', a.text, b.text, is.language),
    one('points', a.points?.join('\n'), b.points?.join('\n'), is.language), one('note', a.note, b.note, is.language), one('code', a.code, b.code, is.language),
  ];
  return found.some(Boolean) ? found : [{ field: 'slide', language: is.language, seen: true }];
}
