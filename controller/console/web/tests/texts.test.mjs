// The console's own languages: catalogues that agree, and nothing said outside them. No browser, no controller.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withModules } from './modules.mjs';

/** Every text of a catalogue by its path, "screens.none": itself, or the function that makes it. */
function leaves(value, path = '') {
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}

// What is the same in both languages: words, and what puts together texts of the catalogue itself.
const alike = [
  'library.part', 'playlists.entries', 'reports.lastDays', 'screen.panel', 'shell.roles.editor', 'titles.hospital', 'words.kinds.organisation',
];

test('catalogues', async (t) => {
  await withModules(async (load) => {
    const { en } = await load('texts/en/index.ts');
    const { es } = await load('texts/es/index.ts');
    const spanish = new Map(leaves(es));

    await t.test('Spanish has every text that English has, and no other', () => {
      assert.deepEqual(leaves(es).map(([path, text]) => `${path} ${typeof text}`).sort(), leaves(en).map(([path, text]) => `${path} ${typeof text}`).sort());
    });
    await t.test('no text is empty', () => {
      assert.deepEqual([...leaves(en), ...leaves(es)].filter(([, text]) => text === '').map(([path]) => path), []);
    });
    await t.test('no Spanish text is English still', () => {
      const same = leaves(en).filter(([path, text]) => String(text) === String(spanish.get(path))).map(([path]) => path);
      assert.deepEqual(same, alike);
    });
    await t.test('numbers and plurals are those of the language', async () => {
      const { turnTo } = await load('texts/locale.svelte.ts');
      assert.deepEqual([0, 1, 2, 12_000].map(en.counts.screens), ['0 screens', '1 screen', '2 screens', '12,000 screens']);
      turnTo('es');
      assert.deepEqual([0, 1, 2, 12_000].map(es.counts.screens), ['0 pantallas', '1 pantalla', '2 pantallas', '12.000 pantallas']);
      turnTo('en');
    });
  });
});
