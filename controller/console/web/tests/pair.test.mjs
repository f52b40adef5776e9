// Task 2: hang a new screen. It shows a code; enter it, compare the words, choose the place, see the picture.
//
//   ANTEROOM_CODE        the code that a player shows; without one there is no screen to hang
//   ANTEROOM_WORDS       the six words that it shows, with spaces between
//   ANTEROOM_DEPARTMENT  the id of the department to hang it in
//   ANTEROOM_PLACE       the name of the new place; or
//   ANTEROOM_SCREEN      the id of a screen that is there already
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, cannot, shoot, signedIn, tabTo, typeChoice } from './browser.mjs';

const code = process.env.ANTEROOM_CODE;

test('a player that waits is paired without a mouse', { skip: cannot || (code ? false : 'ANTEROOM_CODE names no player that waits') }, async () => {
  await signedIn(async (page) => {
    await tabTo(page, 'a[href="/pair"]');
    await page.keyboard.press('Enter');
    await page.getByLabel('Code on the screen').waitFor();
    await tabTo(page, '#code');
    await page.keyboard.type(code.toLowerCase());
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: 'Does the screen show these six words?' }).waitFor();
    const words = await page.locator('.words li').allInnerTexts();
    assert.equal(words.length, 6);
    if (process.env.ANTEROOM_WORDS) assert.deepEqual(words, process.env.ANTEROOM_WORDS.trim().split(/\s+/));
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'pair-words');

    await tabTo(page, 'input[type="checkbox"]');
    await page.keyboard.press('Space');
    await choosePlace(page);
    await tabTo(page, 'button[type="submit"]');
    const begun = Date.now();
    await page.keyboard.press('Enter');

    await page.getByRole('heading', { name: /^Paired with/ }).waitFor();
    await page.getByRole('img', { name: /^What .* shows/ }).waitFor();
    console.log(`picture in the console ${Date.now() - begun} ms after pairing`);
    await shoot(page, 'pair-done');
    assert.deepEqual(await accessibilityFaults(page), []);
  });
});

/** Chooses in the two selects as the keyboard does, by typing the beginning of a name. */
async function choosePlace(page) {
  if (process.env.ANTEROOM_DEPARTMENT) {
    await tabTo(page, '#department');
    await typeChoice(page, await nameOf(page, '#department', process.env.ANTEROOM_DEPARTMENT));
  }
  if (process.env.ANTEROOM_SCREEN) {
    await tabTo(page, '#screen');
    await typeChoice(page, await nameOf(page, '#screen', process.env.ANTEROOM_SCREEN));
    return;
  }
  await tabTo(page, '#name');
  await page.keyboard.type(process.env.ANTEROOM_PLACE ?? 'By the window');
}

function nameOf(page, select, value) {
  return page.locator(`${select} option[value="${value}"]`).innerText();
}
