// What is so in the clinic just now: two clicks, or keys alone, to say so and to end it; items and screens that are for a moment
// of a visit or a state alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, eventually, settled, shoot, signedIn, tabTo } from './browser.mjs';
import { make, takeAway } from './documents.mjs';

const stamp = Date.now().toString(36);

/** The states that are set in a department. */
const setIn = async (page, id) => (await ask(page, '/api/v1/states')).departments.find((d) => d.department === id).set.map((s) => s.state);

test('a delay is said in two clicks and ended in one, and by keys alone', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.getByRole('link', { name: 'Clinic now', exact: true }).click();
    const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Cardiology', exact: true }) });
    await card.getByText('Nothing special.').waitFor();
    await card.getByRole('button', { name: 'Set: Delay over 30 minutes, Cardiology' }).click();
    await card.getByText(/^Delay over 30 minutes, since \d\d:\d\d until \d\d:\d\d, set by demo$/).waitFor();
    await page.getByText(/is set in Cardiology until \d\d:\d\d\./).waitFor();
    assert.deepEqual(await setIn(page, 'cardiology'), ['delay_30']);
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'clinic');
    await card.getByRole('button', { name: 'It is over: Delay over 30 minutes, Cardiology' }).click();
    await card.getByText('Nothing special.').waitFor();
    assert.deepEqual(await setIn(page, 'cardiology'), []);
    assert.equal(await page.evaluate(() => document.activeElement.id), 'set-cardiology-delay_30', 'the focus is where it can be set again');

    await page.keyboard.press('Enter');
    await card.getByText(/^Delay over 30 minutes, since/).waitFor();
    await tabTo(page, 'button[aria-label="It is over: Delay over 30 minutes, Cardiology"]');
    await page.keyboard.press('Space');
    await card.getByText('Nothing special.').waitFor();
  });
});

test('a department that was never published says what to do', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const [like] = (await ask(page, '/api/v1/departments')).items;
    const id = `clinic-${stamp}`;
    await make(page, `departments/${id}`, { ...like, id, name: `New ${stamp}`, closures: [] });
    await page.goto(`${base}/clinic`);
    await page.getByRole('button', { name: `Set: Vaccination day, New ${stamp}` }).click();
    await page.getByRole('alert').getByText(/was never published/).waitFor();
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await takeAway(page, `departments/${id}`);
  });
});

test('an item is bound to moments and states, and a screen stands at a moment', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const { items } = await ask(page, '/api/v1/items');
    const like = items.find((i) => i.id === 'welcome');
    const id = `bound-${stamp}`;
    await make(page, `items/${id}`, { ...like, id, title: 'Bound', approval: undefined });
    await page.goto(`${base}/library/${id}`);
    const bound = page.getByRole('group', { name: 'When it shows' });
    await bound.getByRole('checkbox', { name: 'Leaving' }).focus();
    await page.keyboard.press('Space');
    await bound.getByRole('checkbox', { name: 'Delay over an hour' }).check();
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await eventually('the item is bound', async () => (await ask(page, `/api/v1/items/${id}`)).states?.[0] === 'delay_60');
    const saved = await ask(page, `/api/v1/items/${id}`);
    assert.deepEqual([saved.moments, saved.states], [['leaving'], ['delay_60']]);
    await shoot(page, 'clinic-item');
    await takeAway(page, `items/${id}`);

    const screen = `clinic-${stamp}`;
    await make(page, `screens/${screen}`, { id: screen, department: 'cardiology', name: 'By the exit' });
    await page.goto(`${base}/screens/${screen}`);
    await page.getByLabel('People before it are').selectOption('Leaving');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await eventually('the screen stands there', async () => (await ask(page, `/api/v1/screens/${screen}`)).moment === 'leaving');
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await takeAway(page, `screens/${screen}`);
  });
});

test('why says that something shows for a state, who set it and until when', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const { items: departments } = await ask(page, '/api/v1/departments');
    const { items } = await ask(page, '/api/v1/items');
    const id = `why-${stamp}`;
    const like = departments.find((d) => d.id === 'paediatrics');
    const sorry = items.find((i) => i.states?.includes('delay_30'));
    await make(page, `playlists/${id}`, { id, name: id, entries: [{ item: sorry.id, weight: 1 }] });
    await make(page, `departments/${id}`, { ...like, id, name: `Eyes ${stamp}`, floors: [], filler: undefined, closed: undefined });
    await make(page, `screens/${id}`, { id, department: id, name: 'Eyes, by the door' });
    await make(page, `windows/${id}`, { id, name: id, playlist: id, start: '0 0 * * *', end: { clock: '24:00' }, targets: [{ department: id }], priority: 900 });
    const publish = () => page.evaluate((department) => fetch('/api/v1/publications', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ departments: [department] }) }).then((r) => r.status), id);
    assert.equal(await publish(), 201);
    await page.goto(`${base}/clinic`);
    await page.getByRole('button', { name: `Set: Delay over 30 minutes, Eyes ${stamp}` }).click();
    await page.getByRole('button', { name: `It is over: Delay over 30 minutes, Eyes ${stamp}` }).waitFor();

    // By then the screen has changed over; a clock of another zone is on its wall.
    const wall = new Intl.DateTimeFormat('sv-SE', { timeZone: like.zone, dateStyle: 'short', timeStyle: 'medium' }).format(new Date(Date.now() + 5 * 60_000));
    await page.goto(`${base}/screens/${id}`);
    await page.locator('#date').fill(wall.slice(0, 10));
    await page.locator('#time').fill(wall.slice(11));
    await page.getByTestId('why').getByText(/It shows because “Delay over 30 minutes” was set at \d\d:\d\d by demo, until \d\d:\d\d/).waitFor();
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'clinic-why');
    for (const kind of ['windows', 'screens', 'departments', 'playlists']) await takeAway(page, `${kind}/${id}`);
  });
});
