// The hands with which a task is done: a mouse, and none. What is pressed is named by a selector of the page's own kind.
import assert from 'node:assert/strict';
import { tabTo, typeChoice, typeDate, typeTime } from './browser.mjs';

const click = (page, selector) => page.locator(selector).first().click();
const fill = (page, selector, text) => page.locator(selector).first().fill(text);

const mouse = {
  how: 'with the mouse',
  press: click,
  turn: click,
  write: fill,
  date: fill,
  time: fill,
  choose: (page, selector, label) => page.locator(selector).first().selectOption({ label }),
  radio: (page, selector, begins) => page.locator(`label:has(${selector})`).filter({ hasText: new RegExp(`^\\s*${begins}`) }).first().click(),
};

const keyboard = {
  how: 'without a mouse',
  press: (page, selector) => on(page, selector, 'Enter'),
  turn: (page, selector) => on(page, selector, 'Space'),
  async write(page, selector, text) {
    await on(page, selector, 'ControlOrMeta+A');
    await page.keyboard.type(text);
  },
  async date(page, selector, date) {
    await tabTo(page, selector);
    await typeDate(page, date);
  },
  async time(page, selector, time) {
    await tabTo(page, selector);
    await typeTime(page, time);
  },
  async choose(page, selector, label) {
    await tabTo(page, selector);
    await typeChoice(page, label);
  },
  async radio(page, selector, begins) {
    await tabTo(page, `${selector}:checked`);
    for (let n = 0; n < 20; n++) {
      if (await page.evaluate((text) => document.activeElement.closest('label').textContent.trim().startsWith(text), begins)) return;
      await page.keyboard.press('ArrowDown');
    }
    assert.fail(`“${begins}” is not among the choices`);
  },
};

async function on(page, selector, key) {
  await tabTo(page, selector);
  await page.keyboard.press(key);
}

/** Both, for tests that do the same twice. */
export const hands = [mouse, keyboard];
