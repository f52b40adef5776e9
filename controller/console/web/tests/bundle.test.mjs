// What a page loads is held to its goal when the console is bundled. No browser, no controller.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';

const chunk = (name, kB, more = {}) => ({ type: 'chunk', name, fileName: `${name}.js`, code: 'x'.repeat(kB * 1000), imports: [], dynamicImports: [], isEntry: false, ...more });
const page = (name, kB, more = {}) => chunk(name, kB, { facadeModuleId: `/web/src/pages/${name}.svelte`, ...more });

test('what a page loads', async (t) => {
  const server = await createServer({
    root: fileURLToPath(new URL('..', import.meta.url)), configFile: false, logLevel: 'error', server: { middlewareMode: true, ws: false, watch: null }, appType: 'custom',
  });
  t.after(() => server.close());
  const { weigh, tooHeavy } = await server.ssrLoadModule('/weigh.ts');
  const kilobytes = (...chunks) => {
    const sizes = weigh(Object.fromEntries(chunks.map((c) => [c.fileName, c])), (code) => code.length);
    return { sizes: Object.fromEntries([...sizes].map(([name, bytes]) => [name, bytes / 1000])), tooHeavy: tooHeavy(sizes) };
  };

  await t.test('is the program and what it loads later', () => {
    const got = kilobytes(
      chunk('index', 150, { isEntry: true, imports: ['shared.js'], dynamicImports: ['es.js', 'upload.js'] }),
      chunk('shared', 20), chunk('es', 30), chunk('upload', 50, { imports: ['shared.js'] }), chunk('nobody', 900),
    );
    assert.deepEqual(got, { sizes: { index: 250 }, tooHeavy: '' });
  });
  await t.test('is a page of its own beside it, and not the other pages', () => {
    const got = kilobytes(
      chunk('index', 150, { isEntry: true, dynamicImports: ['Reports.js', 'Calendar.js'] }),
      page('Reports', 40, { imports: ['index.js'], dynamicImports: ['charts.js'] }), page('Calendar', 90), chunk('charts', 61),
    );
    assert.deepEqual(got.sizes, { index: 150, Reports: 251, Calendar: 240 });
    assert.match(got.tooHeavy, /^Reports loads 251 kB of JavaScript, packed; the goal is 250\./);
  });
});
