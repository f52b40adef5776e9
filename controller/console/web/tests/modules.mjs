// Loads a module of the console as it stands, TypeScript and runes included.
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { createServer } from 'vite';

/** Runs work with a function that loads modules by their path below src/. */
export async function withModules(work) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const server = await createServer({
    root, configFile: false, logLevel: 'error', plugins: [svelte()], server: { middlewareMode: true, ws: false, watch: null }, appType: 'custom',
  });
  try {
    await work((path) => server.ssrLoadModule(`/src/${path}`));
  } finally {
    await server.close();
  }
}
