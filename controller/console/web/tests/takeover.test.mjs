// Task 9: all screens, in English and Spanish, now; see that all have drawn it; all clear. Task 10: a drill.
//
//   ANTEROOM_DRAWN_WITHIN  milliseconds within which every linked screen must have drawn it, 15000
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, cannot, shoot, signedIn, tabTo } from './browser.mjs';

const within = Number(process.env.ANTEROOM_DRAWN_WITHIN ?? 15_000);

async function linkedScreens(page) {
  const { items, screens } = await ask(page, '/api/v1/fleet');
  return (items ?? screens).filter((s) => s.linked && s.state === 'playing').map((s) => s.id);
}

async function allDrawn(page, ids) {
  const deadline = Date.now() + within;
  for (;;) {
    const links = await page.locator('.reach li:not(.not) a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    const missing = ids.filter((id) => !links.includes(`/screens/${id}`));
    if (missing.length === 0) return;
    assert.ok(Date.now() < deadline, `not drawn within ${within} ms on ${missing.join(', ')}`);
    await page.waitForTimeout(50);
  }
}

/** Each card of the fleet names what is on, as soon as its player has told. */
async function cardsSayTakeover(page, ids) {
  await page.getByRole('navigation').getByRole('link', { name: 'Screens', exact: true }).click();
  for (const id of ids) {
    await page.locator('article').filter({ has: page.locator(`a[href="/screens/${id}"]`) }).getByText(/^Takeover/).waitFor({ timeout: 40_000 });
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
      assert.match(await page.getByLabel('Headline').nth(1).inputValue(), /agua/, 'Spanish is filled in');
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
