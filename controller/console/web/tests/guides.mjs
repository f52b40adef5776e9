// Takes the pictures of the guides in docs/ into the directory that GUIDES names; the rest as in browser.mjs.
import { ask, base, signedIn } from './browser.mjs';
import { make } from './documents.mjs';

const first = async (page, kind) => (await ask(page, `/api/v1/${kind}`)).items[0].id;
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
/** What was said has gone: it stands before the page for some seconds. */
const quiet = (page) => page.locator('.said:not(.shown)').waitFor({ state: 'attached' });

const clip = 'breathe-with-us';

/** Changes a document as the page's own session may. */
async function change(page, path, fields) {
  const now = await ask(page, `/api/v1/${path}`);
  await page.evaluate(([to, match, body]) => fetch(to, { method: 'PUT', headers: { 'Content-Type': 'application/json', 'If-Match': match }, body }),
    [`/api/v1/${path}`, `"${now.revision}"`, JSON.stringify({ ...now, ...fields })]);
}

/** Evenings on working days alone: something to publish, and two nights with nothing scheduled. */
const noWeekends = (page) => change(page, 'windows/evenings', { start: '0 19 * * 1-5' });

/** A version of an item that waits for a review. */
async function better(page) {
  const { version } = await ask(page, '/api/v1/items/know-your-numbers');
  await change(page, 'items/know-your-numbers', { title: 'Know your four numbers', version: version + 1, sponsor: 'Lakeside Heart Fund' });
}

async function atSix(page) {
  await page.getByLabel('At a time').check();
  await page.getByLabel('Day', { exact: true }).fill(new Date(Date.now() + 86_400_000).toISOString().slice(0, 10));
  await page.getByLabel('Time', { exact: true }).fill('06:00');
  await page.getByLabel('Note for the history').fill('Quiet weekends');
}

/** Each by its name: what is done before, where it is, what is done there first, and whether it is dark. */
const pictures = [
  { name: 'screens', path: () => '/' },
  { name: 'screens-dark', path: () => '/', dark: true },
  { name: 'why', path: async (page) => `/screens/${await first(page, 'screens')}`, to: 'The day, and why' },
  { name: 'pair', path: () => '/pair' },
  {
    name: 'window', path: () => '/schedule/new', async first(page) {
      await page.getByLabel('Name').fill('Flu season');
      await page.getByLabel('In your own words').fill('every weekday 8:00-17:00 until 24 December 2026');
      await page.getByLabel('In your own words').blur();
      await page.evaluate(() => scrollTo(0, 0));
    },
  },
  { name: 'calendar', path: () => '/calendar' },
  { name: 'calendar-dark', path: () => '/calendar', dark: true },
  { name: 'closures', path: async (page) => `/closures/${await first(page, 'closures')}` },
  { name: 'publish', path: () => '/publish' },
  { name: 'takeover', path: () => '/takeover' },
  { name: 'library', path: () => '/library', first: (page) =>
    page.waitForFunction(() => [...document.querySelectorAll('article img')].filter((i) => i.naturalWidth).length >= 4) },
  { name: 'slide', path: () => '/slides/new', async first(page) {
    await page.locator('#title').fill('Flu shots are here');
    await page.locator('#text').fill('Ask at the desk. It takes five minutes.');
    await page.locator('.frame img').waitFor();
  } },
  { name: 'playlist', path: async (page) => `/playlists/${await first(page, 'playlists')}` },
  { name: 'layout', path: async (page) => `/layouts/${await first(page, 'layouts')}` },
  { name: 'reports', path: () => '/reports' },
  { name: 'hospital', path: () => '/hospital' },
  { name: 'department', path: () => '/departments/cardiology', async first(page) {
    await press(page, 'Add an e-mail address');
    await page.locator('input[type="email"]').fill('cardiology-desk@lakeside.example');
    await page.locator('input[type="email"]').blur();
    await page.getByText('Contacts', { exact: true }).evaluate((c) => scrollTo(0, c.getBoundingClientRect().top + scrollY - 450));
  } },
  { name: 'must-run', path: () => '/departments/cardiology#floors' },
  { name: 'look', path: () => '/settings' },
  { name: 'wordings', path: () => '/settings/wordings' },
  { name: 'backups', path: () => '/settings/backups' },
  { name: 'found', path: () => '/library?phase=prevention', async first(page) {
    await page.getByText('Narrow it further').click();
    await page.getByRole('search').evaluate((s) => scrollTo(0, s.getBoundingClientRect().top + scrollY - 100));
  } },
  { name: 'captions', path: () => `/library/${clip}`, async first(page) {
    await page.getByLabel('Language', { exact: true }).selectOption('en');
    await page.locator('input[accept*=".vtt"]').setInputFiles({ name: 'breathe.vtt', mimeType: 'text/vtt', buffer: Buffer.from('WEBVTT\n\n00:00.500 --> 00:04.000\nBreathe in, slowly.\n') });
    await page.getByText('Captions in English', { exact: true }).waitFor();
    await page.getByRole('group', { name: 'Captions' }).evaluate((g) => scrollTo(0, g.getBoundingClientRect().top + scrollY - 420));
    await quiet(page);
  } },
  { name: 'replace', path: async (page) => `/library/${await first(page, 'items')}`, first: (page) => press(page, 'Replace or remove') },
  { name: 'versions', path: () => `/library/${clip}/versions` },
  { name: 'person', path: () => '/people', async first(page) {
    await press(page, 'Add a person');
    await page.getByLabel('Full name').fill('Maria Lopez');
    await page.keyboard.press('Tab');
    await page.getByLabel('Role').selectOption('scheduler');
    await page.getByLabel('Only some departments').check();
    await page.getByLabel('Cardiology', { exact: true }).check();
  } },
  { name: 'account', path: () => '/account' },
  { name: 'dead-air', before: noWeekends, path: () => '/publish', to: 'Nothing scheduled' },
  { name: 'before-after', path: () => '/publish', first: (page) => page.getByRole('button', { name: /^Before and after/ }).first().click() },
  { name: 'publish-later', path: () => '/publish', async first(page) {
    await atSix(page);
    await page.getByLabel('Note for the history').blur();
    await page.evaluate(() => scrollTo(0, 0));
  } },
  { name: 'waits', path: () => '/publish', async first(page) {
    await atSix(page);
    await page.getByRole('button', { name: /^Publish to .* then$/ }).click();
    await page.getByText('Waits for its time').waitFor();
    await quiet(page);
  }, to: 'Waits for its time' },
  { name: 'go-back', path: () => '/publish', first: (page) => page.getByRole('button', { name: 'Go back to number 1' }).click() },
  { name: 'audit', path: () => '/audit?kind=window' },
  { name: 'audit-entry', path: () => '/audit?kind=window', first: (page) => page.getByRole('button', { name: /^Show entry/ }).first().click() },
  { name: 'review', before: better, path: () => '/review' },
  { name: 'review-item', path: () => '/review/know-your-numbers' },
];

/** The sign-in page of a controller that has the hospital's identity provider, at ANTEROOM_BY_PROVIDER. */
async function signIn(browser) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  await page.goto(`${process.env.ANTEROOM_BY_PROVIDER}/sign-in`);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: `${process.env.GUIDES}/sign-in.png` });
  await page.close();
}

/** What somebody sees who only looks on. */
const viewers = [
  { name: 'viewer-publish', path: () => '/publish' },
  { name: 'viewer-playlist', path: async (page) => `/playlists/${await first(page, 'playlists')}` },
];
const viewer = { name: 'vera', full_name: 'Vera Novak', role: 'viewer', everywhere: true, password: 'a chair by the window' };

async function take(page, all) {
  for (const { name, before, path, to, dark, first: then } of all) {
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
    await before?.(page);
    await page.goto(base + await path(page));
    await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.waiting, .ghost'));
    await then?.(page);
    if (to) await page.getByRole('heading', { name: to }).evaluate((h) => scrollTo(0, h.getBoundingClientRect().top + scrollY - 120));
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(3000); // pictures of screens and of items come by and by
    await page.screenshot({ path: `${process.env.GUIDES}/${name}.png` });
  }
}

const size = { width: 1280, height: 800 };
await signedIn(async (page) => {
  await take(page, pictures);
  await signIn(page.context().browser());
  await make(page, `users/${viewer.name}`, viewer);
}, size);
await signedIn((page) => take(page, viewers), { ...size, user: viewer.name, password: viewer.password });
