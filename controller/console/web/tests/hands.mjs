// The hands with which a task is done: a mouse, and none. What is pressed is named by a selector of the page's own kind.
import { tabTo } from './browser.mjs';

const mouse = {
  how: 'with the mouse',
  press: (page, selector) => page.locator(selector).first().click(),
  turn: (page, selector) => page.locator(selector).first().click(),
  write: (page, selector, text) => page.locator(selector).first().fill(text),
};

const keyboard = {
  how: 'without a mouse',
  press: (page, selector) => on(page, selector, 'Enter'),
  turn: (page, selector) => on(page, selector, 'Space'),
  async write(page, selector, text) {
    await on(page, selector, 'ControlOrMeta+A');
    await page.keyboard.type(text);
  },
};

async function on(page, selector, key) {
  await tabTo(page, selector);
  await page.keyboard.press(key);
}

/** Both, for tests that do the same twice. */
export const hands = [mouse, keyboard];
