// What all browser tests share: a real Chromium, a person signed in, and a look for what nobody may break.
//
//   ANTEROOM_URL       where the controller runs, http://127.0.0.1:8080
//   ANTEROOM_USER      who signs in, and with which
//   ANTEROOM_PASSWORD  password; an administrator
//   ANTEROOM_CHROMIUM  the browser, /usr/bin/chromium
//   ANTEROOM_SHOTS     if set, a directory for pictures of pages
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

export const base = process.env.ANTEROOM_URL?.replace(/\/+$/, '');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** How long anything is waited for, in milliseconds: it decides only how soon a test that fails says so. */
const patience = 60_000;

/** Why browser tests cannot run here; false if they can. */
export const cannot = base ? false : 'ANTEROOM_URL names no controller';

/** Runs a test with a page of a person who is signed in, and closes the browser whatever happens. */
export async function signedIn(work, { width = 1440, height = 900, user = process.env.ANTEROOM_USER, password = process.env.ANTEROOM_PASSWORD } = {}) {
  const browser = await chromium.launch({ executablePath: process.env.ANTEROOM_CHROMIUM ?? '/usr/bin/chromium', args: flags });
  try {
    const context = await browser.newContext({ viewport: { width, height }, locale: 'en-GB' });
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const faults = watch(page);
    await signIn(page, user, password);
    await work(page);
    assert.deepEqual(faults, [], 'the browser complained');
  } finally {
    await browser.close();
  }
}

async function signIn(page, user, password) {
  await page.goto(`${base}/sign-in`);
  const name = page.locator('input[name="name"], input[name="user"], input[name="username"]');
  if (await name.count()) {
    await name.fill(user ?? '');
    await page.locator('input[type="password"]').fill(password ?? '');
    await page.locator('button[type="submit"]').click();
  }
  await page.goto(`${base}/`);
  await page.getByRole('heading', { level: 1, name: 'Screens' }).waitFor();
}

/** Collects script errors, breaches of the policy and requests to anybody else. A picture that is not there yet is no fault. */
function watch(page) {
  const faults = [];
  page.on('request', (request) => {
    const to = new URL(request.url());
    if (to.origin !== base && !['blob:', 'data:'].includes(to.protocol)) faults.push(`asked ${to.host} for ${to.pathname}`);
  });
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(message.text());
  });
  return faults;
}

const wcag = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };

/** What of axe-core depends on colours, for a page that it has seen in others. */
export const ofColours = { type: 'rule', values: ['color-contrast', 'link-in-text-block'] };

/** What axe-core finds wrong with the page, as lines to read. */
export async function accessibilityFaults(page, runOnly = wcag) {
  // The bar on top stays while the page scrolls; what lies half beneath it would seem too small to hit.
  await page.evaluate(() => scrollTo(0, 0));
  await page.evaluate(axe);
  const { violations } = await page.evaluate((only) => globalThis.axe.run(document, { runOnly: only }), runOnly);
  return violations.map((v) => `${v.id} (${v.impact}): ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
}

/** Moves the focus with Tab until it is on what the selector names, as somebody without a mouse does. */
export async function tabTo(page, selector, most = 80) {
  for (let n = 0; n < most; n++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${selector} is not reached within ${most} presses of Tab`);
}

/** Types a date, 2026-12-24, into the date field that has the focus, part by part as the browser orders them. */
export async function typeDate(page, date) {
  const [year, month, day] = date.split('-');
  for (const digits of [month + day + year, day + month + year, year + month + day]) {
    await page.keyboard.type(digits);
    if (await page.evaluate(() => document.activeElement.value) === date) return;
    for (let n = 0; n < 3; n++) await page.keyboard.press('ArrowLeft');
  }
  assert.fail(`${date} cannot be typed into the field`);
}

/** Types a time, 14:05 or 14:05:09, into the time field that has the focus, by a clock of 24 or of 12 hours. */
export async function typeTime(page, time) {
  const [hour, ...rest] = time.split(':');
  const twelve = String(Number(hour) % 12 || 12).padStart(2, '0');
  for (const keys of [[hour, ...rest], [twelve, ...rest, Number(hour) < 12 ? 'a' : 'p']]) {
    await page.keyboard.type(keys.join(''));
    if (await page.evaluate(() => document.activeElement.value) === time) return;
    for (let n = 0; n < 4; n++) await page.keyboard.press('ArrowLeft');
  }
  assert.fail(`${time} cannot be typed into the field`);
}

/** Chooses in the select that has the focus by typing the beginning of a name. */
export async function typeChoice(page, text) {
  await page.keyboard.type(text);
  const chosen = await page.evaluate(() => document.activeElement.selectedOptions?.[0]?.text);
  assert.equal(chosen, text);
}

/** The API as the page's own session sees it. */
export async function ask(page, path) {
  return page.evaluate(async (p) => (await fetch(p)).json(), path);
}

/** Asks until the answer is true, or anything that counts as such, and gives it. */
export async function eventually(what, answer) {
  const begun = Date.now();
  for (;;) {
    const it = await answer();
    if (it) return it;
    assert.ok(Date.now() - begun < 2 * patience, `in vain: ${what}`);
    await new Promise((again) => setTimeout(again, 100));
  }
}

/** Takes a picture of the page where somebody asked for pictures. */
export async function shoot(page, name) {
  if (process.env.ANTEROOM_SHOTS) await page.screenshot({ path: `${process.env.ANTEROOM_SHOTS}/${name}.png` });
}
