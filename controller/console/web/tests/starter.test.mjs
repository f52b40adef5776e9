// A department begins with a template: seen before it is made, made as drafts, taken back; by keys where a person acts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, eventually, settled, shoot, signedIn } from './browser.mjs';
import { make, takeAway } from './documents.mjs';

const stamp = Date.now().toString(36);

/** The playlists and windows whose ids begin so. */
const begun = async (page, id) => [...(await ask(page, '/api/v1/playlists')).items, ...(await ask(page, '/api/v1/windows')).items].map((d) => d.id).filter((d) => d.startsWith(id));

test('a department begins with a template and is as before when that is taken back', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const like = (await ask(page, '/api/v1/departments')).items.find((d) => d.id === 'cardiology');
    const id = `starter-${stamp}`;
    await make(page, `departments/${id}`, { ...like, id, name: `Hearts ${stamp}`, hours: [], floors: [], filler: undefined, closed: undefined, contacts: [] });
    const before = await ask(page, `/api/v1/departments/${id}`);
    await page.goto(`${base}/departments/${id}`);
    const card = page.getByRole('region', { name: 'Begin with a template' });
    await card.getByLabel('Kind of department').selectOption('Cardiology');
    await card.getByRole('button', { name: 'Show what it would make' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Chest pain? Tell us now., twice as often').waitFor();
    await dialog.getByText('Every weekday 8:00 to 18:00').waitFor();
    await dialog.getByText(/Must run: .*at least 2 times an hour/).waitFor();
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'starter');
    assert.deepEqual(await begun(page, id), [], 'it is only shown');

    await dialog.getByRole('button', { name: 'Make these drafts' }).focus();
    await page.keyboard.press('Enter');
    await card.getByRole('button', { name: 'Take them back' }).waitFor();
    assert.deepEqual(await begun(page, id), [`${id}-start`, `${id}-start-1`]);
    const made = await ask(page, `/api/v1/departments/${id}`);
    assert.deepEqual([made.filler, made.hours.length, made.floors.length], [`${id}-start`, 1, 1]);
    await eventually('the form shows what was made', () => page.getByRole('group', { name: 'Opening hours' }).getByLabel('From').count());
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);

    await card.getByRole('button', { name: 'Take them back' }).click();
    await card.getByRole('button', { name: 'Show what it would make' }).waitFor();
    assert.deepEqual(await begun(page, id), []);
    const { revision: _, ...after } = await ask(page, `/api/v1/departments/${id}`);
    const { revision: __, ...was } = before;
    assert.deepEqual(after, was);
    await takeAway(page, `departments/${id}`);
  });
});

test('what the library lacks is said', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const like = (await ask(page, '/api/v1/departments')).items.find((d) => d.id === 'cardiology');
    const id = `lacks-${stamp}`;
    await make(page, `departments/${id}`, { ...like, id, name: `Births ${stamp}`, contacts: [] });
    await page.goto(`${base}/departments/${id}`);
    const card = page.getByRole('region', { name: 'Begin with a template' });
    await card.getByLabel('Kind of department').selectOption('Maternity');
    await card.getByRole('button', { name: 'Show what it would make' }).click();
    await page.getByRole('dialog').getByText(/^Missing in the library: nothing approved for .*Recovery/).waitFor();
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'starter-lacks');
    await page.keyboard.press('Escape');
    await takeAway(page, `departments/${id}`);
  });
});
