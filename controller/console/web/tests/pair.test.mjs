// Task 2, with the mouse and without: hang a new screen. It shows a code; enter it, compare the words, choose the place, see
// the picture.
//
//   ANTEROOM_WAITING     what each of two players shows that wait: its code and its six words with spaces between; a comma
//                        between the two
//   ANTEROOM_DEPARTMENT  the id of the department to hang them in
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, cannot, shoot, signedIn } from './browser.mjs';
import { hands } from './hands.mjs';

const waiting = (process.env.ANTEROOM_WAITING ?? '').split(',').map((shown) => shown.trim().split(/\s+/));
const places = ['By the window', 'By the door'];

hands.forEach((hand, n) => {
  const [code, ...words] = waiting[n] ?? [];
  test(`task 2 ${hand.how}: a player that waits is paired`, { skip: cannot || (code ? false : 'ANTEROOM_WAITING names no player that waits') }, async () => {
    await signedIn(async (page) => {
      await lookUp(page, hand, code);
      assert.deepEqual(await page.locator('.words li').allInnerTexts(), words);
      assert.deepEqual(await accessibilityFaults(page), []);
      await shoot(page, 'pair-words');
      await pair(page, hand, places[n]);
      assert.deepEqual(await accessibilityFaults(page), []);
    });
  });
});

async function lookUp(page, { press, write }, code) {
  await press(page, 'a[href="/pair"]');
  await page.getByLabel('Code on the screen').waitFor();
  await write(page, '#code', code.toLowerCase());
  await press(page, 'main form button[type="submit"]');
  await page.getByRole('heading', { name: 'Does the screen show these six words?' }).waitFor();
}

async function pair(page, { turn, press, choose, write }, place) {
  await turn(page, 'main input[type="checkbox"]');
  const name = await page.locator(`#department option[value="${process.env.ANTEROOM_DEPARTMENT}"]`).innerText();
  await choose(page, '#department', name);
  await write(page, '#name', place);
  const begun = Date.now();
  await press(page, 'main form button[type="submit"]');
  await page.getByRole('heading', { name: /^Paired with/ }).waitFor();
  await page.getByRole('img', { name: /^What .* shows/ }).waitFor();
  console.log(`picture in the console ${Date.now() - begun} ms after pairing`);
  await shoot(page, 'pair-done');
}
