// Tasks 13 and 14: what waits, approve one, send one back with a reason, both versions side by side; what runs out of date.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, settled, shoot, signedIn, tabTo } from './browser.mjs';
import { hands as both } from './hands.mjs';
import { withModules } from './modules.mjs';

const mark = Date.now().toString(36);
const password = 'second pair of eyes';

/** Writes through the API as the person of the page. */
async function write(page, method, path, body, revision) {
  const answer = await page.evaluate(async ([m, p, b, match]) => {
    const headers = { 'Content-Type': 'application/json', ...(match ? { 'If-Match': `"${match}"` } : { 'If-None-Match': '*' }) };
    const response = await fetch(p, { method: m, headers, body: b && JSON.stringify(b) });
    return { ok: response.ok, text: await response.text() };
  }, [method, `/api/v1/${path}`, body, revision]);
  assert.ok(answer.ok, answer.text);
  return answer.text ? JSON.parse(answer.text) : undefined;
}

/** An item that waits: a picture of the library under another title. */
async function waiting(page, title, more = {}) {
  const { items } = await ask(page, '/api/v1/items');
  const id = `review-${mark}-${title.toLowerCase().replaceAll(' ', '-')}`;
  const picture = items.find((i) => i.id !== id && i.renditions?.[0]?.variants?.[0]?.medium === 'image');
  return write(page, 'PUT', `items/${id}`, { id, revision: 0, title: `${title} ${mark}`, version: 1, renditions: picture.renditions, ...more });
}

/** What is approved and then changed by somebody else than the reviewer. */
async function changed(page, title) {
  const made = await waiting(page, title);
  const out = await write(page, 'POST', `items/${made.id}/release`, { version: 1, reason: 'A test' }, made.revision);
  return write(page, 'PUT', `items/${made.id}`, { ...out, title: `${title} anew ${mark}`, renditions: [{ ...out.renditions[0], alt: 'Said anew' }] }, out.revision);
}

const soon = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** What the administrator leaves for the reviewer; and what they cannot approve themselves. */
async function prepare(page) {
  const due = [];
  for (const title of ['Know your numbers', 'Know your heart']) {
    const dated = await waiting(page, title, { review_by: soon(12) });
    due.push(await write(page, 'POST', `items/${dated.id}/release`, { version: 1, reason: 'A test' }, dated.revision));
  }
  const made = {
    drink: await changed(page, 'Drink enough'), sleep: await waiting(page, 'Sleep well'), hands: await changed(page, 'Wash your hands'),
    walk: await waiting(page, 'Take a walk'), due,
  };
  const mine = await waiting(page, 'My own');
  await page.goto(`${base}/review/${mine.id}`);
  await page.getByText('You wrote this version').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Approve', exact: true }).count(), 0);
  await page.getByRole('button', { name: 'Let it out without a review' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Reason').fill('The lift is out of order.');
  assert.deepEqual(await accessibilityFaults(page), []);
  await dialog.getByRole('button', { name: 'Let it out without a review' }).click();
  await page.getByRole('heading', { level: 1, name: 'Review', exact: true }).waitFor();
  await page.goto(`${base}/review/${mine.id}`);
  await page.getByText('The lift is out of order.').waitFor();
  await shoot(page, 'review-unreviewed');
  return made;
}

const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
const queue = (page) => page.getByRole('region', { name: 'Waits for you' });

async function withMouse(page, { drink, sleep }) {
  await page.getByRole('navigation').getByRole('link', { name: /^Review/ }).click();
  await heading(page, 'Review');
  await queue(page).getByRole('heading', { level: 3, name: sleep.title }).waitFor();
  const titles = await queue(page).getByRole('heading', { level: 3 }).allInnerTexts();
  assert.deepEqual(titles.filter((t) => t.endsWith(mark)).slice(0, 2), [drink.title, sleep.title], 'the oldest first');
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'review');

  await queue(page).getByRole('link', { name: drink.title }).click();
  await heading(page, drink.title);
  for (const name of ['The approved version', 'The version that waits']) {
    await page.getByRole('region', { name }).locator('img').first().waitFor();
  }
  await page.waitForFunction(() => [...document.querySelectorAll('main img')].every((i) => i.complete && i.naturalWidth));
  const rows = page.getByRole('region', { name: 'What is different' }).getByRole('row');
  assert.match((await rows.allInnerTexts()).join('\n'), new RegExp(`Title\\s+Drink enough ${mark}\\s+Drink enough anew ${mark}`));
  await shoot(page, 'review-one');
  assert.deepEqual(await accessibilityFaults(page), []);
  await page.getByRole('button', { name: 'Approve', exact: true }).click();
  await heading(page, 'Review');
  const { approval } = await ask(page, `/api/v1/items/${drink.id}`);
  assert.deepEqual([approval.version, approval.unreviewed], [2, undefined]);

  await queue(page).getByRole('link', { name: sleep.title }).click();
  await page.getByRole('button', { name: 'Send it back' }).click();
  const dialog = page.getByRole('dialog', { name: `Send “${sleep.title}” back?` });
  await dialog.getByLabel('Reason').fill('Say how long.');
  await shoot(page, 'review-return');
  assert.deepEqual(await accessibilityFaults(page), []);
  await dialog.getByRole('button', { name: 'Send it back' }).click();
  await page.getByRole('region', { name: 'Sent back' }).getByText('Say how long.').first().waitFor();
  assert.equal((await ask(page, `/api/v1/items/${sleep.id}`)).returned.reason, 'Say how long.');
}

async function byKeyboard(page, { hands, walk }) {
  const open = async (item) => {
    await tabTo(page, `main a[href="/review/${item.id}"]`, 200);
    await page.keyboard.press('Enter');
    await heading(page, item.title);
    await page.locator('form.decision').waitFor();
  };
  await tabTo(page, 'nav a[href="/review"]');
  await page.keyboard.press('Enter');
  await queue(page).waitFor();
  await open(hands);
  await tabTo(page, 'form.decision button[type="submit"]');
  await page.keyboard.press('Enter');
  await heading(page, 'Review');
  await queue(page).waitFor();
  await open(walk);
  await tabTo(page, 'form.decision button[type="button"]');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.waitForFunction(() => document.activeElement.id === 'reason');
  await page.keyboard.type('Say where.');
  await tabTo(page, 'dialog .actions .main');
  await page.keyboard.press('Enter');
  await page.getByRole('region', { name: 'Sent back' }).getByText('Say where.').first().waitFor();
  assert.equal((await ask(page, `/api/v1/items/${hands.id}`)).approval.by, 'reviewer');
}

/** Task 14: what runs out of date is seen, and that it still holds is said. */
async function outOfDate(page, { press, date }, due) {
  await press(page, 'nav a[href="/review"]');
  await heading(page, 'Review');
  const list = page.getByRole('region', { name: 'Runs out of date in the next 30 days' });
  await list.getByText(due.title).waitFor();
  await list.getByText(/^To be reviewed by /).first().waitFor();
  await settled(page);
  assert.deepEqual(await accessibilityFaults(page), []);
  await press(page, `main #due a[href="/review/${due.id}"]`);
  await heading(page, due.title);
  await settled(page);
  assert.deepEqual(await accessibilityFaults(page), []);
  await date(page, '#review-by', soon(200));
  await press(page, 'form.decision button[type="submit"]');
  await heading(page, 'Review');
  const now = await ask(page, `/api/v1/items/${due.id}`);
  assert.deepEqual([now.review_by, now.approval.by, now.approval.unreviewed], [soon(200), 'reviewer', undefined]);
}

test('tasks 13 and 14: what waits, and what runs out of date', { skip: cannot }, async (t) => {
  let made;
  await t.test('nobody approves their own, and what cannot wait is marked', () => signedIn(async (page) => (made = await prepare(page))));
  await signedIn(async (page) => {
    await t.test('one approved, one sent back, both versions side by side', () => withMouse(page, made));
    await t.test('the same without a mouse', () => byKeyboard(page, made));
    for (const [n, hand] of both.entries()) await t.test(`one that runs out of date still holds, ${hand.how}`, () => outOfDate(page, hand, made.due[n]));
  }, { user: 'reviewer', password });
});

test('what is different between two versions', async (t) => {
  await withModules(async (load) => {
    const { differences } = await load('lib/differences.ts');
    const slides = { a: { title: 'Chest pain?', points: ['Sit'], template: 'notice' }, b: { title: 'Chest pain? Tell us.', points: ['Sit', 'Wait'], template: 'notice' } };
    const words = (digest) => slides[digest];
    const rendition = (language, digest, medium, alt) => ({ language, alt, variants: [{ digest, medium }] });
    const item = (more) => ({ title: 'Pain', renditions: [rendition('en', 'a', 'slide')], ...more });
    for (const [what, before, after, want] of [
      ['nothing', item(), item(), []],
      ['a title', item(), item({ title: 'Chest pain' }), [{ field: 'title', before: 'Pain', after: 'Chest pain' }]],
      ['the words of a slide', item(), item({ renditions: [rendition('en', 'b', 'slide')] }), [
        { field: 'heading', language: 'en', before: 'Chest pain?', after: 'Chest pain? Tell us.' }, { field: 'points', language: 'en', before: 'Sit', after: 'Sit\nWait' }]],
      ['another picture', item({ renditions: [rendition('en', 'x', 'image', 'A lake')] }), item({ renditions: [rendition('en', 'y', 'image', 'A hill')] }), [
        { field: 'picture', language: 'en', seen: true }, { field: 'alt', language: 'en', before: 'A lake', after: 'A hill' }]],
      ['a slide instead of a film', item({ renditions: [rendition('en', 'x', 'video')] }), item(), [{ field: 'slide', language: 'en', seen: true }]],
      ['a language more, one less', item(), item({ renditions: [rendition('es', 'b', 'slide')] }), [{ field: 'language', language: 'es', after: 'es' }, { field: 'language', language: 'en', before: 'en' }]],
      ['until when it holds', item(), item({ until: '2027-01-01T05:00:00Z', review_by: '2026-12-01' }), [
        { field: 'until', before: undefined, after: '2027-01-01T05:00:00Z' }, { field: 'review_by', before: undefined, after: '2026-12-01' }]],
    ]) {
      await t.test(what, () => assert.deepEqual(differences(before, after, words), want));
    }
  });
});
