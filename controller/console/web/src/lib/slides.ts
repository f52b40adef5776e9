// The words of slides, which stand in files of their own.
import { api } from '../api/calls';
import { Problem } from '../api/problem';
import type { Item, Rendition, Slide } from '../api/types';
import type { Words } from './differences';

// What this page has written: the controller gives a file only when an item has it.
const written = new Map<string, Slide>();

/** Makes words into a file that an item can have. Where a form has several slides, at is which of them this is, "slides[1]". */
export async function makeSlide(slide: Slide, at = ''): Promise<Rendition> {
  const rendition = await api.makeSlide(slide).catch((thrown: unknown) => {
    throw at && thrown instanceof Problem ? thrown.at((location) => location.replace(/^body/, `body.${at}`)) : thrown;
  });
  for (const file of rendition.variants) written.set(file.digest, slide);
  return rendition;
}

/** The words of all slides of some versions of an item; those of a file that is gone are not there. */
export async function wordsOf(...items: (Item | undefined)[]): Promise<Words> {
  const files = items.flatMap((i) => i?.renditions ?? []).flatMap((r) => r.variants ?? []).filter((a) => a.medium === 'slide');
  const all = new Map(await Promise.all([...new Set(files.map((a) => a.digest))].map(async (digest) => [digest, await read(digest)] as const)));
  return (digest) => all.get(digest);
}

async function read(digest: string): Promise<Slide | undefined> {
  const own = written.get(digest);
  if (own) return own;
  try {
    return await api.slideWords(digest);
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.status === 404) return undefined;
    throw thrown;
  }
}
