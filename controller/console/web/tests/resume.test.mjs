// An upload goes on where it stopped: after the network was away, and on a page that was loaded anew. One that is
// cancelled or discarded leaves nothing. All by keyboard alone.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { accessibilityFaults, ask, base, cannot, settled, shoot, signedIn, tabTo } from './browser.mjs';

const mark = `Resume test ${Date.now().toString(36)}`;
const folder = mkdtempSync(join(tmpdir(), 'resume-'));
after(() => rmSync(folder, { recursive: true }));
const piece = 8 << 20;
const patience = { timeout: 240_000 }; // converting takes as long as it takes

/** A grey picture of more bytes than a piece, because nothing in it is compressed. */
function grey(name) {
  const side = 1800;
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const around = Buffer.alloc(8);
    around.writeUInt32BE(data.length, 0);
    around.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 2], 8);
  const line = Buffer.alloc(1 + 3 * side, 0x90);
  line[0] = 0;
  const lines = Buffer.concat(Array.from({ length: side }, () => line));
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', deflateSync(lines, { level: 0 })), chunk('IEND', Buffer.alloc(0))]));
  return path;
}

/** Lets no piece pass that begins behind a byte, until it is told to; and remembers where those begin that passed. */
async function narrow(page) {
  const way = { open: -1, begun: [] };
  await page.route(/\/api\/v1\/uploads\/[0-9a-f]+$/, (route) => {
    const request = route.request();
    if (request.method() !== 'PATCH') return route.continue();
    const at = Number(request.headers()['upload-offset']);
    if (at > way.open) return route.abort('connectionreset');
    way.begun.push(at);
    return route.continue();
  });
  return way;
}

/** Chooses a file, where the keyboard leads; the dialog is the system's. */
async function choose(page, path) {
  await tabTo(page, 'main input[type="file"]');
  await page.locator('main input[type="file"]').setInputFiles(path);
}

const focused = (page, selector) => page.waitForFunction((s) => document.activeElement.matches(s), selector);
const away = (page) => page.getByText('The upload goes on by itself').waitFor();
const mine = async (page, name) => (await ask(page, '/api/v1/uploads')).items.filter((u) => u.name === name);

test('an upload goes on after the network was away and the page was loaded anew', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    page.on('dialog', (dialog) => void dialog.accept());
    const name = `${mark} grey.png`;
    const path = grey(name);
    const way = await narrow(page);
    await page.goto(`${base}/library`);
    await settled(page);
    way.open = 0;
    await choose(page, path);
    await away(page);
    await page.getByRole('progressbar', { name: `Progress of ${name}` }).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'upload-away');
    assert.deepEqual((await mine(page, name)).map((u) => [u.state, u.received]), [['receiving', piece]]);

    await page.reload();
    await settled(page);
    await page.getByRole('heading', { name: 'Begun and not finished' }).waitFor();
    await page.getByRole('button', { name: `Discard ${name}` }).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'upload-unfinished');

    way.open = Infinity;
    await choose(page, path);
    await page.getByText('In the library', { exact: true }).waitFor(patience);
    await page.getByRole('button', { name: `Discard ${name}` }).waitFor({ state: 'detached' });
    assert.deepEqual(way.begun, [0, piece], 'nothing was sent twice');
    assert.deepEqual((await mine(page, name)).map((u) => u.state), ['ready']);
    const { items } = await ask(page, '/api/v1/items');
    assert.equal(items.filter((item) => item.title === `${mark} grey`).length, 1);
  });
});

test('an upload that is cancelled or discarded leaves nothing', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    page.on('dialog', (dialog) => void dialog.accept());
    const name = `${mark} other.png`;
    const path = grey(name);
    await narrow(page);
    await page.goto(`${base}/library`);
    await settled(page);
    await choose(page, path);
    await away(page);
    await tabTo(page, `main button[aria-label="Cancel ${name}"]`);
    await page.keyboard.press('Enter');
    await page.getByRole('progressbar', { name: `Progress of ${name}` }).waitFor({ state: 'detached' });
    assert.deepEqual(await mine(page, name), []);
    await focused(page, 'h1'); // the button is gone

    await choose(page, path);
    await away(page);
    await page.reload();
    await settled(page);
    await tabTo(page, `main button[aria-label="Discard ${name}"]`);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: `Discard ${name}` }).waitFor({ state: 'detached' });
    assert.deepEqual(await mine(page, name), []);
    await focused(page, 'h1');
  });
});
