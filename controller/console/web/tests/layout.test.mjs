// A screen divided into regions, each with a playlist of its own, and a window that shows it; with the mouse and without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, settled, shoot, signedIn, tabTo, typeChoice } from './browser.mjs';
import { make, takeAway } from './documents.mjs';
import { hands } from './hands.mjs';

const mark = Date.now().toString(36);

/** Chooses in a select, by its name in the list or by typing that. */
async function choose(page, { how }, selector, name) {
  if (how === 'with the mouse') return void (await page.locator(selector).selectOption({ label: name }));
  await tabTo(page, selector);
  await typeChoice(page, name);
}

for (const hand of hands) {
  test(`a layout is made and put into the schedule ${hand.how}`, { skip: cannot }, async () => {
    const name = `Layout ${hand.how} ${mark}`;
    const id = name.toLowerCase().replaceAll(' ', '-');
    await signedIn(async (page) => {
      const { items: [one, two] } = await ask(page, '/api/v1/playlists');
      await page.goto(`${base}/playlists`);
      await page.getByRole('link', { name: 'Add a layout' }).waitFor();
      await hand.press(page, 'a[href="/layouts/new"]');
      await page.getByRole('heading', { level: 1, name: 'Add a layout' }).waitFor();
      await page.locator('#name').waitFor();
      await hand.write(page, '#name', name);
      await choose(page, hand, '#beginning', 'A large region, a column and a line of text');
      await page.locator('#region-2').waitFor();
      await choose(page, hand, '#shows-0', one.name);
      await choose(page, hand, '#shows-1', two.name);
      await hand.write(page, '#text-2', 'Please tell the desk');
      await hand.write(page, '#w-0', '80');
      await page.getByText('main, 80 % wide and 90 % high: plays').waitFor();
      await hand.write(page, '#x-1', '80');
      await page.getByText('This does not fit on the screen.').waitFor();
      assert.equal(await page.locator('main form button[type="submit"]').isDisabled(), true);
      await settled(page);
      assert.deepEqual(await accessibilityFaults(page), []);
      await hand.write(page, '#w-1', '20');
      await page.getByText('This does not fit on the screen.').waitFor({ state: 'detached' });
      await reshape(page, hand);
      await hand.press(page, '[data-move="up-2"]');
      await page.getByText('“line” is now drawn at place 2 of 3').waitFor({ state: 'attached' });
      await hand.press(page, 'main form button[type="submit"]');
      await page.getByRole('link', { name: 'Say when it is on' }).waitFor();
      try {
        const { regions } = await ask(page, `/api/v1/layouts/${id}`);
        assert.deepEqual(regions, [
          { name: 'main', x: 0, y: 0, w: 0.8, h: 0.9, playlist: one.id }, { name: 'line', x: 0, y: 0.9, w: 1, h: 0.1, widget: { kind: 'ticker', text: 'Please tell the desk' } },
          { name: 'side', x: 0.8, y: 0, w: 0.2, h: 0.9, playlist: two.id },
        ]);
        await settled(page);
        assert.deepEqual(await accessibilityFaults(page), []);
        await shoot(page, 'layout');
        await putOn(page, hand, { id, name });
      } finally {
        await takeAway(page, `layouts/${id}`);
      }
    });
  });
}

/** Drags the line up by a tenth of the screen and stretches it to twice its height, and back; all as numbers, too. */
async function reshape(page, { how }) {
  const value = (side) => page.locator(`#${side}-2`).inputValue();
  const pull = async (what, part) => {
    if (how === 'with the mouse') {
      const board = await page.getByRole('group', { name: 'The screen' }).boundingBox();
      const grip = await page.locator(`[data-drag="${what}-2"]`).boundingBox();
      const at = [grip.x + grip.width / 2, grip.y + grip.height / 2];
      await page.mouse.move(...at);
      await page.mouse.down();
      await page.mouse.move(at[0], at[1] + part * board.height, { steps: 5 });
      await page.mouse.up();
    } else {
      await tabTo(page, `[data-drag="${what}-2"]`);
      await page.keyboard.press(part < 0 ? 'Shift+ArrowUp' : 'Shift+ArrowDown');
    }
  };
  await page.locator('.board').scrollIntoViewIfNeeded();
  await pull('move', -0.1);
  assert.deepEqual([await value('x'), await value('y'), await value('w'), await value('h')], ['0', '80', '100', '10']);
  await pull('stretch', 0.1);
  assert.equal(await value('h'), '20');
  await pull('stretch', 0.1); // the screen ends there
  assert.equal(await value('h'), '20');
  await settled(page);
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'layout-reshaped');
  await page.locator('.board').scrollIntoViewIfNeeded();
  await pull('stretch', -0.1);
  await pull('move', 0.1);
  assert.deepEqual([await value('y'), await value('h')], ['90', '10']);
}

/** Says when the layout is on, and sees it there. */
async function putOn(page, hand, { id, name }) {
  await hand.press(page, `a[href="/schedule/new?layout=${id}"]`);
  await page.getByText(`Shows the layout ${name}.`).waitFor();
  await hand.write(page, '#name', `Window of ${name}`);
  const { items: [department] } = await ask(page, '/api/v1/departments');
  await hand.turn(page, `[data-department="${department.id}"]`);
  await hand.press(page, 'main form button[type="submit"]');
  await page.getByRole('heading', { level: 1, name: `Window of ${name}`, exact: true }).waitFor();
  const { items } = await ask(page, '/api/v1/windows');
  const window = items.find((w) => w.name === `Window of ${name}`);
  try {
    assert.deepEqual([window.layout, window.playlist], [id, undefined]);
    await page.getByText('line, 100 % wide and 10 % high: the line “Please tell the desk”').waitFor();
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'window-layout');
  } finally {
    await takeAway(page, `windows/${window.id}`);
  }
}

test('a colleague saved a layout meanwhile: what differs is said in words', { skip: cannot }, async () => {
  const id = `layout-of-two-${mark}`;
  await signedIn(async (page) => {
    const { items: [playlist] } = await ask(page, '/api/v1/playlists');
    const region = { name: 'main', x: 0, y: 0, w: 1, h: 1, playlist: playlist.id };
    await make(page, `layouts/${id}`, { id, name: 'Foyer', regions: [region] });
    try {
      await page.goto(`${base}/layouts/${id}`);
      await page.locator('#name').fill('Entrance hall');
      const status = await page.evaluate(async ([path, body]) =>
        (await fetch(path, { method: 'PUT', headers: { 'Content-Type': 'application/json', 'If-Match': '"1"' }, body })).status,
      [`/api/v1/layouts/${id}`, JSON.stringify({ id, revision: 1, name: 'Foyer', regions: [{ ...region, w: 0.5 }] })]);
      assert.equal(status, 200);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const dialog = page.getByRole('dialog', { name: 'Somebody else saved this meanwhile' });
      await dialog.getByRole('row', { name: 'Name Entrance hall Foyer' }).waitFor();
      await dialog.getByRole('row', { name: `Regions main, 0 % from the left, 0 % from the top, 100 % wide, 100 % high, ${playlist.name}` }).waitFor();
      assert.deepEqual(await accessibilityFaults(page), []);
      await shoot(page, 'layout-conflict');
      await dialog.getByRole('button', { name: 'Take theirs' }).click();
      await page.getByText('main, 50 % wide and 100 % high: plays').waitFor();
    } finally {
      await takeAway(page, `layouts/${id}`);
    }
  });
});
