// What only somebody without a mouse meets: the focus stays where one works, and goes along to a new page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, base, cannot, signedIn, tabTo, towardsNoon } from './browser.mjs';

test('the focus stays in the search while it is typed', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await tabTo(page, '#search');
    await page.keyboard.type('clinic', { delay: 60 });
    assert.equal(await page.inputValue('#search'), 'clinic');
    await page.waitForURL(/search=clinic/);
  });
});

test('the focus stays on the moment while the arrow keys move it', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const { items } = await ask(page, '/api/v1/fleet');
    await page.goto(`${base}/screens/${items[0].id}`);
    await page.getByTestId('why').waitFor();
    await tabTo(page, '#moment');
    for (let n = 0; n < 3; n++) {
      const before = page.url();
      await page.keyboard.press(await towardsNoon(page));
      await page.waitForURL((url) => url.href !== before); // the address has the moment
    }
    assert.equal(await page.evaluate(() => document.activeElement.id), 'moment');
  });
});

test('a new page takes the focus to its heading', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await tabTo(page, 'nav a[href="/library"]');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Library' }).waitFor();
    await page.waitForFunction(() => document.activeElement.tagName === 'H1');
  });
});
