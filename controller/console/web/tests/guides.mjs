// Takes the pictures of the guides in docs/ into the directory that GUIDES names; the rest as in browser.mjs.
import { ask, base, signedIn } from './browser.mjs';

const first = async (page, kind) => (await ask(page, `/api/v1/${kind}`)).items[0].id;

/** Each by its name: where it is, what is done there first, and whether it is dark. */
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
  { name: 'library', path: () => '/library' },
  { name: 'slide', path: () => '/slides/new', async first(page) {
    await page.locator('#title').fill('Flu shots are here');
    await page.locator('#text').fill('Ask at the desk. It takes five minutes.');
    await page.locator('.frame img').waitFor();
  } },
  { name: 'playlist', path: async (page) => `/playlists/${await first(page, 'playlists')}` },
  { name: 'reports', path: () => '/reports' },
  { name: 'review', path: () => '/review' },
  { name: 'review-item', path: async (page) => `/review/${await first(page, 'items')}` },
  { name: 'hospital', path: () => '/hospital' },
];

await signedIn(async (page) => {
  for (const { name, path, to, dark, first: before } of pictures) {
    await page.emulateMedia({ colorScheme: dark ? 'dark' : 'light' });
    await page.goto(base + await path(page));
    await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.waiting, .ghost'));
    await before?.(page);
    if (to) await page.getByRole('heading', { name: to }).evaluate((h) => scrollTo(0, h.getBoundingClientRect().top + scrollY - 120));
    await page.evaluate(() => document.fonts.ready);
    await page.waitForTimeout(3000); // pictures of screens and of items come by and by
    await page.screenshot({ path: `${process.env.GUIDES}/${name}.png` });
  }
}, { width: 1280, height: 800 });
