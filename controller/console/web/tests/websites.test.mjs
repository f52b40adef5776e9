// What the hospital's website takes over of a department: the page in a frame, where staff allow it, and the feeds.
//
//   ANTEROOM_PUBLIC  where patients and websites reach the controller
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, eventually, settled, shoot, signedIn, visitor } from './browser.mjs';
import { hands } from './hands.mjs';

const open = process.env.ANTEROOM_PUBLIC;

/** A website that has whatever page it is given, at an origin of its own. */
async function withWebsite(html, work) {
  const server = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end(`<!doctype html><html lang="en"><title>News</title><h1>News</h1>${html()}`));
  await new Promise((listens) => server.listen(0, '127.0.0.1', listens));
  try {
    await work(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Opens a website that frames the page, and says what is in the frame: its heading, or nothing where the browser refused it. */
async function framed(page, website, heading) {
  await page.goto(website);
  const inside = await eventually('the frame has loaded', () => page.frames().find((f) => f !== page.mainFrame() && f.url() !== '' && f.url() !== 'about:blank'));
  if (inside.url().startsWith('chrome-error:')) return undefined;
  return page.frameLocator('iframe').getByRole('heading', { level: 1, name: heading }).innerText();
}

for (const hand of hands) {
  test(`the website that staff name ${hand.how} frames a department’s page, and no other does`, { skip: cannot || (open ? false : 'ANTEROOM_PUBLIC names no address') }, async () => {
    await signedIn(async (page) => {
      let snippet = '';
      await withWebsite(() => snippet, async (own) => {
        await withWebsite(() => snippet, async (stranger) => {
          await page.goto(`${base}/settings`);
          await hand.write(page, '#websites', `${own}/`);
          await hand.press(page, 'form.card button[type=submit]');
          await eventually('the website is saved', async () => (await ask(page, '/api/v1/organisation')).websites?.join() === own);
          await settled(page);
          assert.deepEqual(await accessibilityFaults(page), []);

          await page.goto(`${base}/departments/paediatrics`);
          const card = page.getByRole('region', { name: 'For the hospital’s website' });
          snippet = await card.getByLabel('To put into a page of the website').inputValue();
          const [json, rss, embed] = await Promise.all(['feed.json', 'feed.rss', 'embed.html'].map((name) => card.getByRole('link', { name }).getAttribute('href')));
          assert.ok([json, rss, embed].every((address) => address.startsWith(`${open}/feeds/paediatrics/`)), `${json} ${rss} ${embed}`);
          await settled(page);
          await shoot(page, 'websites-department');
          assert.deepEqual(await accessibilityFaults(page), []);

          const guest = await visitor(page);
          await eventually('the page knows the website', async () => (await fetch(embed)).headers.get('content-security-policy').includes(`frame-ancestors ${own};`));
          assert.equal(await framed(guest, own, 'Paediatrics, Lakeside Hospital'), 'Paediatrics, Lakeside Hospital');
          await shoot(guest, 'websites-framed');
          const feed = await guest.evaluate(async (address) => (await fetch(address)).json(), `${json}?lang=es`);
          assert.deepEqual([feed.version, feed.language], ['https://jsonfeed.org/version/1.1', 'es']);
          assert.ok(feed.items.some((i) => i.title === 'Preguntas sobre las vacunas' && i.language === 'es'), JSON.stringify(feed.items.map((i) => i.title)));
          await guest.goto(feed.items[0].url);
          await guest.getByRole('heading', { level: 1, name: feed.items[0].title }).waitFor();
          for (const width of [1280, 390, 320]) {
            await guest.setViewportSize({ width, height: 844 });
            for (const address of [feed.items[0].url, `${embed}?lang=ar`]) {
              await guest.goto(address);
              assert.deepEqual(await accessibilityFaults(guest), [], `${address} at ${width}`);
              assert.ok(await guest.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${address} is wider than ${width}`);
              await shoot(guest, `websites-${width}-${address === embed ? 'embed' : 'page'}${address.slice(-2)}`);
            }
          }
          assert.equal(await framed(guest, stranger, 'Paediatrics, Lakeside Hospital'), undefined, 'a stranger frames it');
          assert.deepEqual(await guest.context().cookies(), []);
          await guest.context().close();
        });
      });
    });
  });
}
