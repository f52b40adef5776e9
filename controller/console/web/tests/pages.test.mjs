// Every page, light and dark, wide and narrow and at twice the size: nothing for axe-core to find, nothing wider
// than the window, nothing cut off, nothing that moves for who wants no motion, one first heading.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, ofColours, shoot, signedIn, tabTo } from './browser.mjs';
import { places } from './places.mjs';

async function settled(page) {
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.waiting, .ghost'));
  await page.evaluate(() => document.fonts.ready);
}

/** Looks until there is nothing to find, and gives what is found if that never comes. */
async function nothing(page, look) {
  const begun = Date.now();
  for (;;) {
    const found = await page.evaluate(look);
    if (!found.length || Date.now() - begun > 30_000) return found;
    await page.evaluate(() => new Promise(requestAnimationFrame));
  }
}

const wider = () => [document.documentElement.scrollWidth - innerWidth].filter((over) => over > 0);

/** What has text that its box hides, and says the whole nowhere. */
const cut = () => [...document.querySelectorAll('body *')].filter((e) => {
  const { overflowX, overflowY, textOverflow, visibility, webkitLineClamp } = getComputedStyle(e);
  const hides = (overflow, more) => (overflow === 'hidden' || overflow === 'clip') && more > 1;
  return e.innerText?.trim() && visibility === 'visible' && textOverflow !== 'ellipsis' && webkitLineClamp === 'none' && !e.closest('.hidden, [title]')
    && (hides(overflowX, e.scrollWidth - e.clientWidth) || hides(overflowY, e.scrollHeight - e.clientHeight));
}).map((e) => `${e.localName}.${e.className}: ${e.innerText.slice(0, 40)}`);

const moving = () => [...document.querySelectorAll('body *')].filter((e) => {
  const { animationName, animationDuration, animationIterationCount, transitionDuration, scrollBehavior } = getComputedStyle(e);
  const long = (durations, most) => durations.split(', ').some((d) => parseFloat(d) > most);
  return long(transitionDuration, 0) || scrollBehavior !== 'auto' || (animationName !== 'none' && (long(animationDuration, 0.001) || animationIterationCount !== '1'));
}).map((e) => `${e.localName}.${e.className}`);

test('all pages', { skip: cannot }, async (t) => {
  await signedIn(async (page) => {
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    for (const [id, path] of await places(page)) {
      await t.test(id, async () => {
        await page.setViewportSize({ width: 1440, height: 900 });
        await page.goto(base + path);
        await settled(page);
        assert.equal(await page.locator('h1').count(), 1, 'one first heading');
        assert.deepEqual(await nothing(page, moving), [], 'moves although nobody wants it');
        for (const [width, height, looked] of [[1440, 900, true], [1920, 1080], [720, 450], [390, 844], [320, 640, true]]) {
          await page.setViewportSize({ width, height });
          assert.deepEqual(await nothing(page, wider), [], `wider than ${width} pixels`);
          assert.deepEqual(await nothing(page, cut), [], `cut off at ${width} pixels`); // 720 are a desk at 200 %
          if (!looked) continue;
          await shoot(page, `${id}-${width}`);
          assert.deepEqual(await accessibilityFaults(page), [], `light, ${width} pixels`);
        }
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.setViewportSize({ width: 1440, height: 900 });
        await shoot(page, `${id}-dark`);
        assert.deepEqual(await accessibilityFaults(page, ofColours), [], 'dark');
        await page.emulateMedia({ colorScheme: 'light' });
      });
    }
  });
});

test('light or dark is chosen by keyboard, kept, and there before anything is drawn', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: 'light' });
    const light = await paper();
    await page.emulateMedia({ colorScheme: 'dark' });
    const dark = await paper();
    assert.notEqual(light, dark);
    const colours = page.getByLabel('Colours');
    const choose = async (key, name) => {
      await tabTo(page, `#${await colours.getAttribute('id')}`);
      await page.keyboard.press(key);
      assert.equal(await colours.locator('option:checked').textContent(), name);
    };
    await choose('ArrowDown', 'Light');
    assert.equal(await paper(), light, 'chosen over the system');
    await choose('ArrowDown', 'Dark');
    await page.emulateMedia({ colorScheme: 'light' });
    assert.equal(await paper(), dark);
    // With the program held back there is what comes before the first paint, and nothing else.
    await page.route('**/assets/*.js', (route) => route.abort());
    await page.goto(`${base}/library`, { waitUntil: 'load' });
    assert.equal(await page.locator('h1').count(), 0);
    assert.equal(await paper(), dark);
    await page.unroute('**/assets/*.js');
    await page.reload();
    await settled(page);
    assert.equal(await colours.locator('option:checked').textContent(), 'Dark');
    await choose('Home', 'As the system');
    assert.equal(await paper(), light);
    await page.reload();
    await settled(page);
    assert.equal(await paper(), light);
  });
});

test('names longer than any line widen no page', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const id = `browser-test-${Date.now().toString(36)}`;
    const name = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft am Fenster';
    const { items: [item] } = await ask(page, '/api/v1/items');
    const documents = {
      sites: { name }, departments: { name, site: id, zone: 'America/Argentina/Buenos_Aires', languages: [{ language: 'es', twelfths: 12 }], fallback: 'en' },
      closures: { name, dates: ['2099-12-24'] }, screens: { name, department: id, tags: ['second-floor-north-wing-corridor'] },
      items: { ...item, title: name, topics: ['second-floor-north-wing-corridor'] }, playlists: { name, entries: [{ item: id, weight: 1 }] },
      windows: { name, playlist: id, start: '0 8 * * *', end: { clock: '17:00' }, targets: [{ department: id }], except: [{ screen: id }], closures: [id] },
    };
    const write = (kind, method, headers, body) => page.evaluate(async ([path, m, h, b]) => {
      const answer = await fetch(path, { method: m, headers: { 'Content-Type': 'application/json', ...h }, body: b });
      return answer.ok || await answer.text();
    }, [`/api/v1/${kind}/${id}`, method, headers, body && JSON.stringify({ ...body, id, revision: 0 })]);
    for (const [kind, document] of Object.entries(documents)) assert.equal(await write(kind, 'PUT', { 'If-None-Match': '*' }, document), true);
    for (const path of ['/', `/screens/${id}`, '/library', `/library/${id}`, '/playlists', `/playlists/${id}`, '/schedule', `/schedule/${id}`, `/closures/${id}`,
      `/departments/${id}`, '/hospital', '/publish', '/takeover', '/pair', '/reports']) {
      await page.goto(base + path);
      await settled(page);
      await shoot(page, `long-${path.split('/')[1] || 'screens'}`);
      const over = await page.evaluate(() => {
        const wide = [...document.querySelectorAll('main :is(h1, h2, h3, p, li, label, dd, article)')].filter((e) => e.getBoundingClientRect().right > innerWidth && !e.closest('.scroll, .hidden'));
        return [document.documentElement.scrollWidth - innerWidth, wide.map((e) => e.textContent)];
      });
      assert.deepEqual(over, [0, []], path);
    }
    for (const kind of Object.keys(documents).reverse()) assert.equal(await write(kind, 'DELETE', { 'If-Match': `"${(await ask(page, `/api/v1/${kind}/${id}`)).revision}"` }), true);
  }, { width: 320, height: 640 });
});

test('Back and Forward lead through the pages, and each comes back after a reload', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const heading = (name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    const way = ['Library', 'Playlists', 'Schedule', 'Publish', 'Reports', 'Settings'];
    for (const name of way) {
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
      await heading(name);
      assert.equal(await page.title(), `${name} · Anteroom`);
    }
    await page.reload();
    await heading('Settings');
    for (const name of ['Screens', ...way].slice(0, -1).reverse()) {
      await page.goBack();
      await heading(name);
    }
    for (const name of way) {
      await page.goForward();
      await heading(name);
    }
  });
});

test('the sign-in page has the letters and the paper of the console', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const look = (at) => at.evaluate(async () => {
      await document.fonts.ready;
      const { fontFamily, backgroundColor } = getComputedStyle(document.body);
      return { family: fontFamily.split(',')[0], background: backgroundColor, loaded: [...document.fonts].some((f) => f.family.includes('Inter') && f.status === 'loaded') };
    });
    const inBoth = async (at) => {
      const both = {};
      for (const colorScheme of ['light', 'dark']) {
        await at.emulateMedia({ colorScheme });
        both[colorScheme] = await look(at);
      }
      return both;
    };
    const console = await inBoth(page);
    assert.ok(console.light.loaded);
    const context = await page.context().browser().newContext({ viewport: page.viewportSize(), locale: 'en-GB' });
    const stranger = await context.newPage();
    await stranger.goto(`${base}/sign-in`);
    assert.deepEqual(await inBoth(stranger), console);
    assert.deepEqual(await accessibilityFaults(stranger), []);
    await shoot(stranger, 'sign-in');
    await stranger.getByLabel('Name').fill('nobody');
    await stranger.getByLabel('Password').fill('no password of anybody');
    await stranger.keyboard.press('Enter');
    await stranger.getByRole('alert').waitFor();
    assert.deepEqual(await accessibilityFaults(stranger), []);
    await shoot(stranger, 'sign-in-refused');
    await stranger.emulateMedia({ colorScheme: 'light' });
    assert.deepEqual(await accessibilityFaults(stranger, ofColours), []);
    await context.close();
  });
});

test('the controller is gone: the page says so, keeps what it had and comes back', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.context().setOffline(true);
    await page.getByText('Controller not reached, trying again').waitFor({ timeout: 40_000 });
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'offline');
    await page.context().setOffline(false);
    await page.getByText(/^(Live|Looking every 5 seconds)$/).waitFor({ timeout: 20_000 });
  });
});

test('an error says what happened and what to do', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.route('**/api/v1/playlists', (route) => route.fulfill({
      status: 500, contentType: 'application/problem+json', body: JSON.stringify({ status: 500, title: 'Internal Server Error', detail: 'internal error' }),
    }));
    await page.goto(`${base}/playlists`);
    const alert = page.getByRole('alert');
    await alert.waitFor();
    assert.match(await alert.innerText(), /Try again/);
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'error');
    await page.unroute('**/api/v1/playlists');
    await alert.getByRole('button', { name: 'Try again' }).click();
    await alert.waitFor({ state: 'detached' });
  });
});
