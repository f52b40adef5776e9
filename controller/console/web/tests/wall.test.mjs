// Tasks 3 and 8 to the end, on the glass of real screens, with the mouse and without: what is scheduled is seen on the wall,
// and so is what one goes back to. And what is asked of a player at a screen is seen there, too.
//
//   ANTEROOM_WALLS      see walls.mjs; the screens of Cardiology and Paediatrics, and one of another department
//   ANTEROOM_SCHEDULER  who schedules: their name and their password with a colon between
import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, eventually, settled, shoot, signedIn } from './browser.mjs';
import { takeAway } from './documents.mjs';
import { hands } from './hands.mjs';
import { kept, looks, noWalls, shows } from './walls.mjs';

const skip = cannot || noWalls;
const [user, password] = (process.env.ANTEROOM_SCHEDULER ?? ':').split(':');
const departments = [['paediatrics', 'Paediatrics'], ['cardiology', 'Cardiology']];
const screens = ['paediatrics-window', 'cardiology-desk'];
const elsewhere = 'family-clinic-entrance';
/** What the hands put on the wall, by the names of playlists; each is a picture of one colour. */
const [flu, colds] = [{ playlist: 'flu-slides', colour: [30, 150, 60] }, { playlist: 'cold-slides', colour: [40, 60, 190] }];
const brand = [11, 61, 76];
const all = [99, 100];
const hardly = [0, 20];

/** The days of the week that today is one of, as people say them. */
const days = [0, 6].includes(new Date().getUTCDay()) ? 'weekends' : 'weekdays';

async function schedule(page, { press, turn, write, choose }, name, playlist) {
  await press(page, 'nav a[href="/schedule"]');
  await page.getByRole('heading', { level: 1, name: 'Schedule', exact: true }).waitFor();
  await press(page, 'main a[href="/schedule/new"]');
  await page.locator('#name').waitFor();
  await write(page, '#name', name);
  await choose(page, '#playlist', playlist);
  await write(page, 'main form textarea', `${days} 8 to 17, until 24 December, not on closures`);
  for (const [id] of departments) await turn(page, `[data-department="${id}"]`);
  const names = departments.map(([, said]) => said).join(' and ');
  await page.getByText(new RegExp(`^Every (weekday|Saturday and Sunday) 8:00 to 17:00 until 24 December( 20\\d\\d)? in ${names}, not on `)).waitFor();
  const week = page.getByRole('region', { name: 'The week with it' });
  await week.getByText('While it is on, it hides').waitFor();
  for (const [, said] of departments) await week.getByText(`“${said}, day”`).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'task-3');
  await press(page, 'main form button[type="submit"]');
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** Publishes what waits, and gives its number. */
async function publish(page, { press, write }, note) {
  await press(page, 'nav a[href="/publish"]');
  await page.getByRole('button', { name: /^Publish to \d+ screens$/ }).waitFor();
  await write(page, '#note', note);
  await press(page, 'main form button[type="submit"]');
  const done = page.getByText(/^Published as number \d+$/).first();
  await done.waitFor();
  return Number(/\d+/.exec(await done.innerText())[0]);
}

async function goBack(page, { press }, number) {
  await press(page, `[data-back="${number}"]`);
  await page.getByRole('dialog', { name: `Undo number ${number}?` }).waitFor();
  await settled(page);
  assert.deepEqual(await accessibilityFaults(page), []);
  await press(page, 'dialog .actions .main');
  await page.getByText(new RegExp(`Took back number ${number}(?!\\d)`)).waitFor();
  await settled(page);
  assert.deepEqual(await accessibilityFaults(page), []);
}

/** Task 3, from the first page to the wall; gives the publication's number. */
async function ontoTheWall(page, hand, { playlist, colour }) {
  const begun = Date.now();
  await schedule(page, hand, `The ${playlist}`, playlist);
  const number = await publish(page, hand, playlist);
  await settled(page);
  assert.deepEqual(await accessibilityFaults(page), []);
  const published = Date.now();
  for (const screen of screens) await shows(screen, colour, all);
  await shows(elsewhere, colour, hardly);
  console.log(`task 3 ${hand.how}, by a script: published after ${published - begun} ms, on the wall after ${Date.now() - begun} ms`);
  return number;
}

async function takeOut(page, { playlist }) {
  const made = (await ask(page, '/api/v1/windows')).items.find((w) => w.playlist === playlist);
  await takeAway(page, `windows/${made.id}`);
}

/** Presses what is to be done at a screen, and waits until the page says that its player has done it. */
async function order(page, { press }, screen, what, said) {
  await page.goto(`${base}/screens/${screen}`);
  await press(page, `[data-order="${what}"]`);
  await page.getByText(said).waitFor();
  await settled(page);
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, `order-${what}`);
}

const as = { user, password };
const [mouse, keyboard] = hands;
/** The number of the publication that is on the wall; what comes after the first test begins with that. */
let number;

test(`task 3 ${mouse.how}: flu slides on working days in two departments, seen on the wall`, { skip }, () => signedIn(async (page) => {
  number = await ontoTheWall(page, mouse, flu);
}, as));

test('a screen shows its name when somebody asks for it, and its programme again after a restart of what draws', { skip }, () => signedIn(async (page) => {
  const [screen] = screens;
  assert.ok(number);
  await page.goto(`${base}/screens/${screen}`);
  await eventually('the name is on the glass', async () => { // it goes by itself; then it is asked for again
    await keyboard.press(page, '[data-order="identify"]');
    await page.getByText(/^It shows its name since \d/).waitFor();
    const seen = await looks(screen, flu.colour, [0, 0]) && await looks(screen, brand, [50, 99]); // the name has the rest
    return seen && page.getByText('Its name, because somebody asked for it').isVisible();
  });
  await order(page, mouse, screen, 'restart-stage', /^It draws anew since \d/);
  await shows(screen, flu.colour, all);
}, as));

test('a damaged file is whole again after somebody has had everything fetched and checked', { skip }, () => signedIn(async (page) => {
  const { renditions } = await ask(page, '/api/v1/items/lake-morning');
  const file = await kept(elsewhere, renditions.flatMap((r) => r.variants));
  const whole = await readFile(file);
  const damaged = Buffer.from(whole);
  damaged[damaged.length >> 1] ^= 0x40;
  await chmod(file, 0o600);
  await writeFile(file, damaged);
  await order(page, keyboard, elsewhere, 'reload', /^Everything was checked at \d/);
  await eventually('the file is whole again', async () => whole.equals(await readFile(file).catch(() => damaged)));
}, as));

test(`task 8 ${mouse.how}: going back is seen on the wall`, { skip }, () => signedIn(async (page) => {
  assert.ok(number);
  await page.goto(`${base}/publish`);
  await goBack(page, mouse, number);
  for (const screen of screens) await shows(screen, flu.colour, hardly);
  await takeOut(page, flu);
}, as));

test(`task 3 ${keyboard.how}: other slides, seen on the wall`, { skip }, () => signedIn(async (page) => {
  assert.ok(number);
  await ontoTheWall(page, keyboard, colds);
}, as));
