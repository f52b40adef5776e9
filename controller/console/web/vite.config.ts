import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// In development the pages come from here and everything else from a controller that runs already.
const controller = process.env.ANTEROOM_URL ?? 'http://127.0.0.1:8080';
const theirs = ['/api', '/sign-in', '/sign-out', '/first'];

export default defineConfig({
  plugins: [svelte()],
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
