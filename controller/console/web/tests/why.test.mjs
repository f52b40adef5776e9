// Task 5: a screen showed something odd at some moment: what was it, why, who scheduled it?
//
//   ANTEROOM_WHY_SCREEN  the id of the screen; otherwise the first that is linked
//   ANTEROOM_WHY_AT      the moment, RFC 3339; otherwise 20 seconds ago
//   ANTEROOM_WHY_TITLE   the item that it showed, if known
//   ANTEROOM_WHY_BY      who scheduled it, if anybody did
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, eventually, shoot, signedIn, tabTo, towardsNoon } from './browser.mjs';
import { hands } from './hands.mjs';

/** What is asked, once its player has told what it showed then. */
async function question(page) {
  const { items, screens } = await ask(page, '/api/v1/fleet');
  const screen = process.env.ANTEROOM_WHY_SCREEN ?? (items ?? screens).find((s) => s.linked)?.id;
  const at = new Date(process.env.ANTEROOM_WHY_AT ?? Date.now() - 20_000);
  const { items: departments } = await ask(page, '/api/v1/departments');
  const document = await ask(page, `/api/v1/screens/${screen}`);
  const zone = departments.find((d) => d.id === document.department).zone;
  if (screen) {
    await eventually(`a play of ${screen} at ${at.toISOString()} has come`, async () => (await ask(page, `/api/v1/screens/${screen}/why?at=${at.toISOString()}`)).plays?.length);
  }
  const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(at);
  return { screen, at, date: wall.slice(0, 10), time: wall.slice(11) };
}

/** Asks for a moment of the screen's day, and gives the place of the answer: what decided, why not something else, the evidence. */
async function asked(page, hand, { screen, date, time }) {
  await hand.press(page, `a[href="/screens/${screen}"]`);
  await page.getByRole('heading', { name: 'The day, and why' }).waitFor();
  await hand.date(page, '#date', date);
  await hand.time(page, '#time', time);
  const title = process.env.ANTEROOM_WHY_TITLE ?? '';
  const by = process.env.ANTEROOM_WHY_BY;
  let answer = page.getByTestId('why');
  for (const hasText of [time.slice(0, 5), by ? `Last changed by ${by}.` : /window|filler|takeover|closed|slate/i, 'Why not something else']) answer = answer.filter({ hasText });
  for (const name of ['What was due', 'What the player recorded']) {
    answer = answer.filter({ has: page.getByRole('heading', { name }).locator('xpath=following-sibling::ul[1]').getByRole('listitem').filter({ hasText: title }) });
  }
  await answer.waitFor();
  return answer;
}

for (const hand of hands) {
  test(`task 5 ${hand.how}: why at a past moment`, { skip: cannot }, async (t) => {
    await signedIn(async (page) => {
      const what = await question(page);
      if (!what.screen) {
        t.skip('no screen is linked');
        return;
      }
      const begun = Date.now();
      const answer = await asked(page, hand, what);
      console.log(`an answer in ${Date.now() - begun} ms:\n${await answer.innerText()}`);
      assert.deepEqual(await accessibilityFaults(page), []);
      await shoot(page, 'why-past');
    });
  });
}

test('the arrow keys move the moment', { skip: cannot }, async (t) => {
  await signedIn(async (page) => {
    const what = await question(page);
    if (!what.screen) {
      t.skip('no screen is linked');
      return;
    }
    await asked(page, hands[1], what);
    await tabTo(page, '#moment');
    const before = await page.getByLabel('Time', { exact: true }).inputValue();
    await page.keyboard.press(await towardsNoon(page));
    await eventually('the moment is another', async () => await page.getByLabel('Time', { exact: true }).inputValue() !== before);
  });
});

test('the question is in the address, so that it can be sent to a colleague', { skip: cannot }, async (t) => {
  await signedIn(async (page) => {
    const { screen, date, time } = await question(page);
    if (!screen) {
      t.skip('no screen is linked');
      return;
    }
    await page.goto(`${base}/screens/${screen}?date=${date}&at=${time}`);
    await page.getByTestId('why').filter({ hasText: time.slice(0, 5) }).waitFor();
    await page.getByLabel('Day', { exact: true }).fill(nextDay(date));
    await page.getByTestId('why').filter({ hasText: '(planned)' }).waitFor();
    await page.waitForURL(new RegExp(`date=${nextDay(date)}`));
  });
});

function nextDay(date) {
  return new Date(Date.parse(`${date}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

test('a day names the months whose plays cannot be read', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const { items } = await ask(page, '/api/v1/fleet');
    await page.route('**/timeline?*', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), plays: [], unreadable: ['2026-10'] } });
    });
    await page.goto(`${base}/screens/${items[0].id}`);
    await page.getByText('Plays that came in during October 2026 cannot be read').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'day-unreadable');
  });
});
