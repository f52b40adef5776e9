// Tasks 6, 11 and 12 of facilities staff, with the mouse and without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, eventually, settled, shoot, signedIn } from './browser.mjs';
import { make, takeAway } from './documents.mjs';
import { hands } from './hands.mjs';

async function allButTheChapel(page, { press, turn }) {
  const tag = `chapel-${Date.now().toString(36)}`;
  const ids = [1, 2, 3].map((n) => `${tag}-${n}`);
  for (const id of ids) await make(page, `screens/${id}`, { id, name: id, department: 'paediatrics', tags: [tag] });
  const all = (await ask(page, '/api/v1/screens')).items.length;
  await press(page, 'header a[href="/takeover"]');
  await page.getByRole('button', { name: `Take over all ${all} screens now` }).waitFor();
  await press(page, 'details:has(legend) > summary');
  await page.locator('details[open]').getByLabel(tag, { exact: true }).waitFor();
  await page.evaluate((label) => [...document.querySelectorAll('details[open] label')].find((l) => l.textContent === label).querySelector('input').setAttribute('data-chosen', ''), tag);
  await turn(page, '[data-chosen]');
  await page.getByRole('button', { name: `Take over ${all - 3} screens now` }).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'task-6');
  await press(page, 'main form button[type="submit"]');
  await page.getByRole('heading', { name: /^In force/ }).waitFor();
  const { items: [on] } = await ask(page, '/api/v1/takeovers');
  assert.deepEqual([on.targets, on.except], [[{ all: true }], [{ tag }]]);
  const linked = (await ask(page, '/api/v1/fleet')).items.filter((s) => s.linked).map((s) => s.id);
  assert.deepEqual(linked.filter((id) => !on.reach.some((r) => r.screen === id)), [], 'all others are reached');
  assert.ok(!on.reach.some((r) => ids.includes(r.screen)), 'the chapel is left in peace');
  await press(page, 'article button');
  await page.getByText('No takeover is in force').waitFor();
  for (const id of ids) await takeAway(page, `screens/${id}`);
}

/** Moves the screen on the page to another department. */
async function move(page, { choose, press }, name) {
  await choose(page, '#place', name);
  await page.locator('#place ~ p').waitFor();
  await press(page, 'form:has(#place) button[type="submit"]');
  await page.locator('#place ~ p').waitFor({ state: 'detached' });
}

async function moves(page, hand) {
  const { items: departments } = await ask(page, '/api/v1/departments');
  const screen = (await ask(page, '/api/v1/fleet')).items.find((s) => s.linked && s.plays_today > 0);
  const home = departments.find((d) => d.id === screen.department);
  const other = departments.find((d) => d.site === home.site && d.id !== home.id);
  await page.goto(`${base}/screens/${screen.id}`);
  await page.locator('#place').waitFor();
  await move(page, hand, other.name);
  const moved = (await ask(page, '/api/v1/fleet')).items.find((s) => s.id === screen.id);
  assert.equal(moved.department, other.id);
  assert.ok(moved.plays_today >= screen.plays_today, 'what it played today still counts for it');
  const { items: revisions } = await ask(page, `/api/v1/screens/${screen.id}/revisions`);
  assert.ok(revisions.some((r) => r.document?.department === home.id), 'where it was stays known');
  await settled(page);
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'task-11');
  await move(page, hand, home.name);
  assert.equal((await ask(page, `/api/v1/screens/${screen.id}`)).department, home.id);
}

/** Two people edit a playlist: who saves second sees both versions, and the one that is not taken is kept, too. */
async function meanwhile(page, { press, choose }, chosen) {
  const id = `shared-${Date.now().toString(36)}`;
  const path = `/api/v1/playlists/${id}`;
  const loop = (...items) => ({ id, name: id, entries: items.map((item) => ({ item, weight: 1 })) });
  const { title } = await ask(page, '/api/v1/items/welcome');
  await make(page, `playlists/${id}`, loop('chest-pain'));
  await page.goto(`${base}/playlists/${id}`);
  await page.getByRole('heading', { level: 1, name: id }).waitFor();
  await choose(page, '#adding', title);
  await press(page, 'main button.add');
  await page.locator('main li').filter({ hasText: title }).first().waitFor();
  const theirs = { revision: 0, ...loop('chest-pain', 'sleep-well') };
  const { revision } = await ask(page, path);
  await page.evaluate(([to, match, body]) => fetch(to, { method: 'PUT', headers: { 'Content-Type': 'application/json', 'If-Match': match }, body }), [path, `"${revision}"`, JSON.stringify(theirs)]);
  await press(page, 'main form button[type="submit"]');
  const dialog = page.getByRole('dialog', { name: 'Somebody else saved this meanwhile' });
  await dialog.getByRole('cell').filter({ hasText: title }).waitFor();
  await dialog.getByRole('cell').filter({ hasText: (await ask(page, '/api/v1/items/sleep-well')).title }).waitFor();
  await settled(page);
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'task-12');
  await press(page, chosen === 'welcome' ? 'dialog .actions .main' : 'dialog .actions button:not(.main)');
  await dialog.waitFor({ state: 'hidden' });
  const second = (document) => document.entries[1]?.item;
  await eventually(`it has ${chosen}`, async () => second(await ask(page, path)) === chosen);
  await page.locator('main li').filter({ hasText: (await ask(page, `/api/v1/items/${chosen}`)).title }).first().waitFor();
  const { items: revisions } = await ask(page, `${path}/revisions`);
  assert.ok(revisions.some((r) => second(r.document) === 'sleep-well'), 'the colleague’s work is kept');
  await takeAway(page, `playlists/${id}`);
}

for (const [n, hand] of hands.entries()) {
  test(`task 6 ${hand.how}: everything but the three screens in the chapel`, { skip: cannot }, () => signedIn((page) => allButTheChapel(page, hand)));
  test(`task 11 ${hand.how}: a screen moves to another department, and its history stays with the place`, { skip: cannot }, () => signedIn((page) => moves(page, hand)));
  test(`task 12 ${hand.how}: a colleague edited the same playlist meanwhile`, { skip: cannot }, () => signedIn((page) => meanwhile(page, hand, ['welcome', 'sleep-well'][n])));
}
