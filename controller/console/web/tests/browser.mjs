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
import { after } from 'node:test';
import { chromium } from 'playwright-core';

export const base = process.env.ANTEROOM_URL?.replace(/\/+$/, '');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Who starts a browser of their own has it say as little to others. */
export const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** How long anything is waited for, in milliseconds: it decides only how soon a test that fails says so. */
export const patience = 120_000;

/** Why browser tests cannot run here; false if they can. */
export const cannot = base ? false : 'ANTEROOM_URL names no controller';

// All tests of a file share a browser, in which each has a profile of its own, and the sessions of those who have signed in.
let browser;
const sessions = new Map();
const testing = process.env.NODE_TEST_CONTEXT !== undefined;
if (testing) after(close);

async function close() {
  await browser?.close();
  browser = undefined;
}

/** Runs a test with a page of a person who is signed in, and closes it whatever happens. */
export async function signedIn(work, { width = 1440, height = 900, user = process.env.ANTEROOM_USER, password = process.env.ANTEROOM_PASSWORD } = {}) {
  browser ??= await chromium.launch({ executablePath: process.env.ANTEROOM_CHROMIUM ?? '/usr/bin/chromium', args: flags });
  const context = await browser.newContext({ viewport: { width, height }, locale: 'en-GB', storageState: sessions.get(user) });
  try {
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    const faults = watch(page);
    await page.goto(`${base}/`);
    if (new URL(page.url()).pathname === '/sign-in') await signIn(page, user, password);
    await page.getByRole('heading', { level: 1, name: 'Screens', exact: true }).waitFor();
    sessions.set(user, { cookies: await context.cookies(), origins: [] });
    await work(page);
    assert.deepEqual(faults, [], 'the browser complained');
  } finally {
    await context.close();
    if (!testing) await close(); // nobody says when what is no test is over
  }
}

/** A page in a browser of somebody else's, in which nobody is signed in. */
export async function visitor(page) {
  const context = await page.context().browser().newContext({ viewport: page.viewportSize(), locale: 'en-GB' });
  context.setDefaultTimeout(patience);
  return context.newPage();
}

async function signIn(page, user, password) {
  await page.getByLabel('Name').fill(user ?? '');
  await page.getByLabel('Password').fill(password ?? '');
  await page.keyboard.press('Enter');
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

/** Waits until a page has loaded what it shows, and has drawn it. */
export async function settled(page) {
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.waiting, .ghost'));
  await page.evaluate(async () => {
    await document.fonts.ready;
    for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame);
  });
}

/**
 * Holds back what the page asks by itself, now and then, until it is called again: otherwise that might be told first that
 * the session has ended.
 */
export async function holdBack(page) {
  const asks = /\/api\/v1\/(fleet|takeovers)\b/;
  const held = [];
  await page.route(asks, (route) => held.push(route));
  return async () => {
    await page.unroute(asks);
    await Promise.all(held.map((route) => route.abort().catch(() => undefined)));
  };
}

/**
 * Opens an address, also on a page that is just being led to sign in again because its session has ended: whichever of the two
 * comes last is where it stays, and a way that was taken over may never say that it has ended.
 */
export async function visit(page, address) {
  await eventually(`${address} opens`, () => page.goto(address, { waitUntil: 'commit', timeout: 15_000 }).then(() => true, (error) => {
    if (/interrupted by another navigation|ERR_ABORTED|Timeout .* exceeded/.test(error.message)) return false;
    throw error;
  }));
}

/** Moves the focus with Tab until it is on what the selector names, as somebody without a mouse does. */
export async function tabTo(page, selector, most = 200) {
  await page.locator(selector).first().waitFor({ state: 'attached' });
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
    const typed = await page.evaluate(() => document.activeElement.value);
    if (typed === time || `${typed}:00` === time) return; // a full minute has no seconds
    for (let n = 0; n < 4; n++) await page.keyboard.press('ArrowLeft');
  }
  assert.fail(`${time} cannot be typed into the field`);
}

/** Chooses in the select that has the focus by typing a name; where the letters came too slowly to be one word, once more. */
export async function typeChoice(page, text) {
  await eventually(`“${text}” is chosen`, async () => {
    await page.keyboard.type(text);
    if (await page.evaluate(() => document.activeElement.selectedOptions?.[0]?.text) === text) return true;
    await page.waitForTimeout(1500); // what is typed then is another word
    return false;
  });
}

/** The arrow key that can move the moment of a day, whatever it is: on the first and the last, one of them cannot. */
export function towardsNoon(page) {
  return page.locator('#moment').evaluate((e) => (Number(e.value) > Number(e.max) / 2 ? 'ArrowLeft' : 'ArrowRight'));
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
