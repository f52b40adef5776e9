// Task 9: all screens of a building, in English and Spanish, now; see that all have drawn it; all clear. Task 10: a drill.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, cannot, eventually, shoot, signedIn } from './browser.mjs';
import { make } from './documents.mjs';
import { hands } from './hands.mjs';

async function linkedScreens(page, site) {
  const { items } = await ask(page, '/api/v1/fleet');
  return items.filter((s) => s.linked && s.state === 'playing' && (!site || s.site === site)).map((s) => s.id);
}

async function allDrawn(page, ids) {
  for (const id of ids) await page.locator(`.reach li:not(.not) a[href="/screens/${id}"]`).waitFor();
}

async function open(page, { press }) {
  await press(page, 'header a[href="/takeover"]');
  await page.getByRole('heading', { name: 'What to say' }).waitFor();
}

async function allClear(page, { press }) {
  await press(page, 'article button');
  await page.getByText('No takeover is in force').waitFor();
  await page.getByRole('link', { name: 'Take over screens' }).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
}

/** Each card of the fleet names what is on, as soon as its player has told. */
async function cardsSayTakeover(page, ids) {
  await page.getByRole('navigation').getByRole('link', { name: 'Screens', exact: true }).click();
  for (const id of ids) {
    await page.locator('article').filter({ has: page.locator(`a[href="/screens/${id}"]`) }).getByText(/^Takeover/).first().waitFor(); // the next in turn is one, too
  }
  await shoot(page, 'takeover-fleet');
  await page.goBack();
  await page.getByRole('heading', { name: /^In force/ }).waitFor();
}

async function noWater(page, hand) {
  const [site] = (await ask(page, '/api/v1/sites')).items;
  const ids = await linkedScreens(page, site.id);
  const begun = Date.now();
  await open(page, hand);
  await hand.radio(page, 'input[name="template"]', 'Water main burst');
  const headlines = () => page.getByLabel('Headline').evaluateAll((all) => all.map((field) => field.value).join());
  await eventually('English and Spanish are filled in', async () => /water.*agua/.test(await headlines()));
  await hand.radio(page, 'input[name$="-all"]', 'Only some');
  await hand.turn(page, '.tree > label:first-child input');
  await hand.press(page, 'main form button[type="submit"]');
  await page.getByRole('heading', { name: /^In force/ }).waitFor();
  await allDrawn(page, ids);
  console.log(`${ids.length} screens have drawn it, ${Date.now() - begun} ms after the person began`);
  const { items: [on] } = await ask(page, '/api/v1/takeovers');
  assert.deepEqual(on.slides.map((s) => s.language), ['en', 'es']);
  assert.ok(on.template, 'which wording it began with is known');
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'takeover-drawn');
  await cardsSayTakeover(page, ids);
  await allClear(page, hand);
}

async function drill(page, hand) {
  const ids = await linkedScreens(page);
  await open(page, hand);
  await hand.radio(page, 'input[name="template"]', 'Fire');
  await hand.turn(page, '#drill');
  await page.getByRole('button', { name: /^Start the drill on all/ }).waitFor();
  await hand.press(page, 'main form button[type="submit"]');
  await page.getByText(/^Drill, since/).waitFor();
  await allDrawn(page, ids);
  const { items: [on] } = await ask(page, '/api/v1/takeovers');
  assert.ok(on.drill);
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'drill-drawn');
  await allClear(page, hand);
}

for (const hand of hands) {
  test(`task 9 ${hand.how}: no water in one building, in English and Spanish, drawn and cleared`, { skip: cannot }, () => signedIn((page) => noWater(page, hand)));
  test(`task 10 ${hand.how}: a drill that says that it is one, drawn and cleared`, { skip: cannot }, () => signedIn((page) => drill(page, hand)));
}

/** Somebody who schedules for one department alone. */
async function schedulerOf(page, department) {
  const name = `scheduler-${Date.now().toString(36)}`;
  const password = 'a chair by the window';
  await make(page, `users/${name}`, { name, role: 'scheduler', everywhere: false, departments: [department], password });
  return { user: name, password };
}

test('two clicks take over all screens of one’s own department, and no others', { skip: cannot }, async () => {
  await signedIn(async (admin) => {
    const { items } = await ask(admin, '/api/v1/fleet');
    const { department } = items.find((s) => s.linked && s.state === 'playing');
    await signedIn(async (page) => {
      const ids = await linkedScreens(page);
      await page.getByRole('link', { name: 'Take over screens' }).click();
      await page.getByRole('button', { name: /^Take over .* now$/ }).click();
      await page.getByRole('heading', { name: /^In force/ }).waitFor();
      await allDrawn(page, ids);
      const { items: [on] } = await ask(page, '/api/v1/takeovers');
      assert.deepEqual(on.targets, [{ department }]);
      await allClear(page, hands[0]);
    }, await schedulerOf(admin, department));
  });
});

test('two clicks take over all screens', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const ids = await linkedScreens(page);
    await page.getByRole('link', { name: 'Take over screens' }).click();
    await page.getByRole('button', { name: /^Take over all/ }).click();
    await page.getByRole('heading', { name: /^In force/ }).waitFor();
    await allDrawn(page, ids);
    await allClear(page, hands[0]);
  });
});
