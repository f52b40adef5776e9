import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { tooHeavy, weigh } from './weigh';

// In development the pages come from here and everything else from a controller that runs already.
const controller = process.env.ANTEROOM_URL ?? 'http://127.0.0.1:8080';
const theirs = ['/api', '/sign-in', '/sign-out', '/first'];

// The sign-in page has no part in the bundle; it finds the console's letters under a name that stays.
const letters: Plugin = {
  name: 'letters',
  apply: 'build',
  generateBundle() {
    const file = createRequire(import.meta.url).resolve('@fontsource-variable/inter/files/inter-latin-wght-normal.woff2');
    this.emitFile({ type: 'asset', fileName: 'inter.woff2', source: readFileSync(file) });
  },
};

// Browsers get the program packed, once and for all: no controller does it at every answer.
const packed: Plugin = {
  name: 'packed',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (!/\.(js|css)$/.test(file.fileName)) continue;
        const source = gzipSync(file.type === 'chunk' ? file.code : file.source, { level: 9 });
        this.emitFile({ type: 'asset', fileName: `${file.fileName}.gz`, source });
      }
    },
  },
};

// A page that loads too much is no console.
const weighed: Plugin = {
  name: 'weighed',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const sizes = weigh(bundle, (code) => gzipSync(code, { level: 9 }).length);
      for (const [page, bytes] of sizes) this.info(`${page} loads ${(bytes / 1000).toFixed(1)} kB of JavaScript, packed`);
      const heavy = tooHeavy(sizes);
      if (heavy) this.error(heavy);
    },
  },
};

export default defineConfig({
  plugins: [svelte(), letters, packed, weighed],
  build: {
    target: 'es2022',
    // The policy of the pages lets no data: address in for fonts and scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  server: {
    proxy: Object.fromEntries(theirs.map((path) => [path, { target: controller, changeOrigin: true }])),
  },
});
