// Tasks 3, 8 and 12 and the way into the library: write a slide, send a file, put both into a playlist, say
// when and where, publish, go back; and two people who change the same thing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateSync, crc32 } from 'node:zlib';
import { accessibilityFaults, ask, base, cannot, eventually, shoot, signedIn } from './browser.mjs';

const mark = `Browser test ${Date.now().toString(36)}`;

/** A PNG of one colour. */
function png(width, height, [r, g, b]) {
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(width * 3, Buffer.from([r, g, b]))]);
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(body.length + 8);
    out.writeUInt32BE(data.length, 0);
    body.copy(out, 4);
    out.writeUInt32BE(crc32(body), body.length + 4);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.concat(Array.from({ length: height }, () => row)));
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

test('a picture is uploaded, and a program that calls itself one is refused with the reason', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.goto(`${base}/library`);
    await page.locator('input[type="file"]').setInputFiles([
      { name: `${mark} meadow.png`, mimeType: 'image/png', buffer: png(1280, 720, [90, 150, 110]) },
      { name: 'not-a-picture.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('MZ this is no picture at all') },
    ]);
    await page.getByText('In the library', { exact: true }).waitFor();
    const refusal = page.getByRole('alert');
    await refusal.waitFor();
    console.log(`refused: ${await refusal.innerText()}`);
    await shoot(page, 'uploads');
    assert.deepEqual(await accessibilityFaults(page), []);

    await page.getByRole('link', { name: 'Say what it is about and when it holds' }).click();
    await page.getByLabel('Phase of care').selectOption('recovery');
    await page.getByLabel('Seconds of a turn').fill('9');
    await page.getByLabel('Topics').fill('Sleep well, calm');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved', { exact: true }).waitFor();
    const { items } = await ask(page, '/api/v1/items');
    const made = items.find((i) => i.title === `${mark} meadow`);
    assert.deepEqual([made.phase, made.millis, made.topics], ['recovery', 9000, ['sleep-well', 'calm']]);
  });
});

test('a slide is written with a true preview', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.goto(`${base}/slides/new`);
    await page.getByLabel('What to expect').check();
    await page.getByLabel('Title', { exact: true }).fill(`${mark} slide`);
    await page.getByLabel('Step 1', { exact: true }).fill('You sit down.');
    await page.getByRole('button', { name: 'Another step' }).click();
    await page.getByLabel('Step 2', { exact: true }).fill('We measure your blood pressure.');
    await page.getByRole('img', { name: 'The slide as screens will show it' }).waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll('main img')].every((i) => i.complete && i.naturalWidth));
    await shoot(page, 'slide');
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: 'Put it in the library' }).click();
    await page.getByRole('heading', { level: 1, name: `${mark} slide` }).waitFor();

    await page.getByRole('link', { name: 'Change the words' }).click();
    await page.getByRole('heading', { level: 1, name: `Change the words of “${mark} slide”` }).waitFor();
    const step = page.getByLabel('Step 2', { exact: true });
    assert.equal(await step.inputValue(), 'We measure your blood pressure.', 'what was written stands there');
    await step.fill('We measure your blood pressure twice.');
    await page.getByRole('button', { name: 'Put it in the library' }).click();
    await page.getByRole('heading', { level: 1, name: `${mark} slide`, exact: true }).waitFor();
    const { items } = await ask(page, '/api/v1/items');
    const { renditions } = items.find((i) => i.title === `${mark} slide`);
    const words = await ask(page, `/api/v1/assets/${renditions[0].variants[0].digest}`);
    assert.deepEqual([renditions.length, words.points], [1, ['You sit down.', 'We measure your blood pressure twice.']]);
  });
});

test('a playlist and a window are made and published, and taken back', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.goto(`${base}/playlists`);
    await page.getByRole('link', { name: 'Add a playlist' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill(`${mark} list`);
    for (const item of ['meadow', 'slide']) {
      await page.getByLabel('Add from the library').selectOption({ label: `${mark} ${item}` });
      await page.getByRole('button', { name: 'Add', exact: true }).click();
    }
    await page.getByLabel('Weight').first().fill('2');
    await page.getByText('Something is left out of the loop').waitFor(); // nobody has approved them
    await page.getByRole('button', { name: `Move ${mark} slide up` }).click();
    await page.waitForFunction(() => /slide down/.test(document.activeElement.getAttribute('aria-label'))); // the focus stays with what was moved
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('button', { name: 'Saved' }).waitFor();
    await shoot(page, 'playlist-made');
    assert.deepEqual(await accessibilityFaults(page), []);

    await page.getByRole('link', { name: 'Say when it is on' }).click();
    await page.getByLabel('Name', { exact: true }).fill(`${mark} window`);
    await page.getByLabel('Priority').fill('-1');
    await page.getByLabel('Last day').fill('2099-12-24');
    await page.getByLabel('Only some').check();
    const { items: departments } = await ask(page, '/api/v1/departments');
    for (const d of departments.slice(0, 2)) await page.getByRole('group', { name: 'On', exact: true }).getByLabel(d.name, { exact: true }).check();
    await page.getByText(/^Every weekday 8:00 to 17:00 until 24 December 2099 in /).waitFor();
    await page.getByText('Others are on in its place').waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: /^Put it first, with priority \d+$/ }).click();
    await page.getByText('While it is on, it hides').waitFor();
    const chosen = departments.slice(0, 2);
    for (const { id, name } of (await ask(page, '/api/v1/closures')).items) {
      const keeping = chosen.filter((d) => d.closures?.includes(id)).length;
      const box = page.getByRole('group', { name: 'Not on' }).getByLabel(name);
      assert.deepEqual([await box.isChecked(), await box.isDisabled()], Array(2).fill(keeping === chosen.length), `${name} counts where all are closed on it`);
    }
    await shoot(page, 'window-made');
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { level: 1, name: `${mark} window` }).waitFor();
    const { items: windows } = await ask(page, '/api/v1/windows');
    const window = windows.find((w) => w.name === `${mark} window`);
    assert.equal(window.start, '0 8 * * 1-5');
    assert.deepEqual(window.end, { clock: '17:00' });

    await page.getByRole('link', { name: 'Publish', exact: true }).click();
    await page.getByRole('link', { name: `${mark} window` }).waitFor();
    await page.getByLabel('Note for the history').fill(mark);
    await shoot(page, 'publish-before');
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByRole('button', { name: /^Publish/ }).click();
    await page.getByText(/^Published as number \d+$/).first().waitFor();
    await page.getByRole('button', { name: /^Undo number/ }).click();
    await page.getByRole('button', { name: 'Go back', exact: true }).click();
    await page.getByText(/Took back number \d+/).first().waitFor();
    await shoot(page, 'undone');

    await remove(page, 'windows', window);
    await remove(page, 'playlists', (await ask(page, '/api/v1/playlists')).items.find((p) => p.name === `${mark} list`));
    for (const item of (await ask(page, '/api/v1/items')).items.filter((i) => i.title.startsWith(mark))) await remove(page, 'items', item);
  });
});

async function remove(page, kind, { id, revision }) {
  const status = await page.evaluate(async ([path, match]) => (await fetch(path, { method: 'DELETE', headers: { 'If-Match': match } })).status,
    [`/api/v1/${kind}/${id}`, `"${revision}"`]);
  assert.equal(status, 204, `${kind}/${id} is removed`);
}

test('a colleague saved meanwhile: both versions are shown and the person chooses', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const write = (body, headers) => page.evaluate(async ([path, b, h]) =>
      (await fetch(path, { method: 'PUT', headers: { 'Content-Type': 'application/json', ...h }, body: JSON.stringify(b) })).json(),
    [`/api/v1/closures/${body.id}`, body, headers]);
    const id = `browser-test-${Date.now().toString(36)}`;
    const first = await write({ id, revision: 0, name: 'Holidays', dates: ['2099-12-25'] }, { 'If-None-Match': '*' });

    for (const [choice, want] of [['Keep mine', 'Mine'], ['Take theirs', 'Theirs again']]) {
      await page.goto(`${base}/closures/${id}`);
      const { revision } = await ask(page, `/api/v1/closures/${id}`);
      await page.getByLabel('Name').fill('Mine');
      const theirs = choice === 'Keep mine' ? 'Theirs' : 'Theirs again';
      await write({ ...first, name: theirs, dates: ['2099-12-25', '2099-12-26'] }, { 'If-Match': `"${revision}"` });
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const dialog = page.getByRole('dialog', { name: 'Somebody else saved this meanwhile' });
      await dialog.waitFor();
      assert.match(await dialog.innerText(), new RegExp(`Mine[\\s\\S]*${theirs}`));
      if (choice === 'Keep mine') await shoot(page, 'conflict');
      assert.deepEqual(await accessibilityFaults(page), []);
      await dialog.getByRole('button', { name: choice }).click();
      await dialog.waitFor({ state: 'hidden' });
      await eventually(`it is saved as “${want}”`, async () => (await ask(page, `/api/v1/closures/${id}`)).name === want);
    }
    await remove(page, 'closures', await ask(page, `/api/v1/closures/${id}`));
  });
});
