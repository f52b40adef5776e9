// Task 9: all screens, in English and Spanish, now; see that all have drawn it; all clear. Task 10: a drill.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, cannot, eventually, shoot, signedIn, tabTo } from './browser.mjs';

async function linkedScreens(page) {
  const { items, screens } = await ask(page, '/api/v1/fleet');
  return (items ?? screens).filter((s) => s.linked && s.state === 'playing').map((s) => s.id);
}

async function allDrawn(page, ids) {
  for (const id of ids) await page.locator(`.reach li:not(.not) a[href="/screens/${id}"]`).waitFor();
}

/** Each card of the fleet names what is on, as soon as its player has told. */
async function cardsSayTakeover(page, ids) {
  await page.getByRole('navigation').getByRole('link', { name: 'Screens', exact: true }).click();
  for (const id of ids) {
    await page.locator('article').filter({ has: page.locator(`a[href="/screens/${id}"]`) }).getByText(/^Takeover/).waitFor();
  }
  await shoot(page, 'takeover-fleet');
  await page.goBack();
  await page.getByRole('heading', { name: /^In force/ }).waitFor();
}

for (const drill of [false, true]) {
  test(drill ? 'a drill, drawn and cleared' : 'a takeover of all screens without a mouse, drawn and cleared', { skip: cannot }, async () => {
    await signedIn(async (page) => {
      const ids = await linkedScreens(page);
      const begun = Date.now();
      await tabTo(page, 'header a[href="/takeover"]');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'What to say' }).waitFor();
      await eventually('Spanish is filled in', async () => /agua/.test(await page.getByLabel('Headline').nth(1).inputValue()));
      if (drill) {
        await tabTo(page, '#drill');
        await page.keyboard.press('Space');
      }
      await tabTo(page, 'form button[type="submit"]');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: /^In force/ }).waitFor();
      await allDrawn(page, ids);
      console.log(`${ids.length} screens have drawn it, ${Date.now() - begun} ms after the person began`);
      assert.deepEqual(await accessibilityFaults(page), []);
      await shoot(page, drill ? 'drill-drawn' : 'takeover-drawn');
      if (drill) await page.getByText(/^Drill, since/).waitFor();
      else await cardsSayTakeover(page, ids);

      await tabTo(page, 'article button');
      await page.keyboard.press('Enter');
      await page.getByText('No takeover is in force').waitFor();
      await page.getByRole('link', { name: 'Take over screens' }).waitFor();
      assert.deepEqual(await accessibilityFaults(page), []);
    });
  });
}
