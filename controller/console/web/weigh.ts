// Holds what a page loads to its goal.
import type { OutputBundle, OutputChunk } from 'rolldown';

/** The most JavaScript that a page may load, packed, in bytes. */
export const most = 250_000;

/** A page has a chunk of its own where the router loads it when it is asked for. */
const isPage = (chunk: OutputChunk) => /\/src\/pages\/[^/]+\.svelte$/.test(chunk.facadeModuleId ?? '');

/**
 * The packed size of all that each page may load: the program, the page's own chunk if it has one, and what they import, at
 * once or later. Pages in the program itself are all like the program.
 */
export function weigh(bundle: OutputBundle, packed: (code: string) => number): Map<string, number> {
  const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
  const named = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const size = new Map(chunks.map((chunk) => [chunk, packed(chunk.code)]));
  const reached = (chunk: OutputChunk, into: Set<OutputChunk>) => {
    if (into.has(chunk)) return into;
    into.add(chunk);
    for (const file of [...chunk.imports, ...chunk.dynamicImports]) {
      const next = named.get(file);
      if (next && !isPage(next)) reached(next, into);
    }
    return into;
  };
  const program = chunks.filter((chunk) => chunk.isEntry);
  const routes = [...program, ...chunks.filter(isPage)];
  return new Map(routes.map((route) => {
    const loaded = new Set<OutputChunk>();
    for (const chunk of [...program, route]) reached(chunk, loaded);
    return [route.name, [...loaded].reduce((sum, chunk) => sum + (size.get(chunk) ?? 0), 0)];
  }));
}

/** What is wrong with a bundle of which a page loads too much; empty if none does. */
export function tooHeavy(sizes: Map<string, number>): string {
  return [...sizes].filter(([, bytes]) => bytes > most)
    .map(([page, bytes]) => `${page} loads ${Math.ceil(bytes / 1000)} kB of JavaScript, packed; the goal is ${most / 1000}. Load what few people need when they need it.`).join('\n');
}
