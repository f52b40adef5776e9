// The console in Spanish: chosen by keyboard, kept, and on every page of the router, wide and narrow.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, shoot, signedIn, tabTo } from './browser.mjs';
import { withModules } from './modules.mjs';
import { places } from './places.mjs';

/** The texts of a catalogue that need no values and are not the same in the other. */
function texts(mine, other) {
  if (typeof mine === 'string') return other === mine ? [] : [mine];
  return typeof mine === 'object' ? Object.keys(mine).flatMap((key) => texts(mine[key], other[key])) : [];
}

/** What people wrote themselves, in whatever language. */
async function written(page) {
  const kinds = ['sites', 'departments', 'screens', 'items', 'playlists', 'windows', 'closures', 'publications'];
  return JSON.stringify(await Promise.all(kinds.map((kind) => ask(page, `/api/v1/${kind}`))));
}

/** What the controller says in English at the moment. */
async function toldInEnglish(page) {
  const { items: screens } = await ask(page, '/api/v1/fleet');
  const { losers } = await ask(page, `/api/v1/screens/${screens[0].id}/why?at=${new Date().toISOString()}`);
  return [...screens.map((s) => s.state_text), ...losers.map((l) => l.text)].filter((text) => text.includes(' '));
}

/** Those of the texts that a page shows: a single word as a line of its own, several words anywhere. */
function left(seen, english) {
  const lines = new Set(seen.split('\n').map((line) => line.trim()));
  return english.filter((text) => lines.has(text) || (/\p{L} \p{L}/u.test(text) && seen.includes(text)));
}

async function catalogues() {
  let both;
  await withModules(async (load) => {
    both = { en: (await load('texts/en/index.ts')).en, es: (await load('texts/es/index.ts')).es };
  });
  return both;
}

const spanish = 'input[name="language"][value="es"]';

async function toSpanish(page) {
  await tabTo(page, 'input[name="language"]');
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction(() => document.documentElement.lang === 'es');
}

test('a language that the controller no longer has leaves the page as it is, and says what to do', { skip: cannot }, async () => {
  const { en } = await catalogues();
  await signedIn(async (page) => {
    await page.route(/\/assets\/es-[^/]*\.js$/, (route) => route.fulfill({ status: 404, contentType: 'text/plain', body: 'The console has been replaced by another version.' }));
    await page.goto(`${base}/playlists/new`);
    await page.getByLabel('Name', { exact: true }).fill('Flu season');
    await tabTo(page, 'input[name="language"]');
    await page.keyboard.press('ArrowRight');
    await page.getByRole('alert').filter({ hasText: en.shell.languageAway }).waitFor();
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    assert.ok(await page.locator('input[name="language"][value="en"]').isChecked());
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Flu season');
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'language-away');
  });
});

test('Spanish is chosen by keyboard, kept, and given back', { skip: cannot }, async () => {
  const { es } = await catalogues();
  await signedIn(async (page) => {
    await toSpanish(page);
    await page.getByRole('heading', { level: 1, name: es.titles.screens }).waitFor();
    assert.equal(await page.title(), `${es.titles.screens} · Anteroom`);
    assert.ok(await page.locator(spanish).isChecked());
    assert.ok(await page.evaluate((s) => document.activeElement.matches(s), spanish), 'the focus stays on the choice');
    await page.goto(`${base}/library`);
    await page.getByRole('heading', { level: 1, name: es.titles.library }).waitFor();
    await tabTo(page, spanish);
    await page.keyboard.press('ArrowLeft');
    await page.getByRole('heading', { level: 1, name: 'Library' }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
  });
});

test('every page is Spanish, whole and within its width', { skip: cannot }, async (t) => {
  const { en, es } = await catalogues();
  await signedIn(async (page) => {
    const theirs = await written(page);
    const english = [...texts(en, es), ...await toldInEnglish(page)].filter((text) => !theirs.includes(text));
    await toSpanish(page);
    const all = await places(page);
    const titles = Object.values(es.titles).map((title) => `${title} · Anteroom`);
    for (const [id, path] of all) {
      await t.test(id, async () => {
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.goto(base + path);
        await page.waitForFunction((known) => known.includes(document.title), titles);
        await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.waiting, .ghost'));
        assert.deepEqual(left(await page.evaluate(() => document.body.innerText), english), [], 'English is left');
        await shoot(page, `es-${id}`);
        assert.deepEqual(await accessibilityFaults(page), []);
        for (const width of [1280, 320]) {
          await page.setViewportSize({ width, height: 900 });
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `it is wider than ${width} px`);
        }
      });
    }
  });
});
