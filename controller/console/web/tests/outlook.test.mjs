// What the publish page says of screens before it publishes: the sentences, and the page itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, eventually, shoot, signedIn } from './browser.mjs';
import { withModules } from './modules.mjs';

const from = '2026-11-23T14:00:00Z';
const difference = {
  from, to: '2026-11-30T14:00:00Z', screens: 4, changed_screens: 2, changed_millis: 412 * 60_000, changes: [], idle: [], idle_millis: 0, items: [], floors: [],
};

test('what changes is said in plain words', async (t) => {
  await withModules(async (load) => {
    const { changeLine, floorLine, headline, idleLine, itemLine, screenTime, usualTime } = await load('lib/outlook.ts');
    const names = { department: (id) => ({ paediatrics: 'Paediatrics' })[id] ?? id, screen: (id) => `the ${id}`, zone: () => 'America/New_York' };
    const some = { screens: 2, some: ['corner', 'door'], department: 'paediatrics' };
    const evenings = { source: 'window', window: 'evenings', name: 'Evenings' };
    const idle = { ...some, start: '2026-11-28T22:00:00Z', end: '2026-11-29T03:00:00Z', source: 'filler', new: true };

    const missed = { ...some, floor: { item: 'flu', plays: 2 }, title: 'Flu', hours: 3, open_hours: 45, worst: '2026-11-28T22:00:00Z', screen: 'door', plays: 1, owner: evenings, playlists: ['calm'] };

    for (const [want, got] of [
      ['412 screen-minutes change in the next 7 days, on 2 of 4 screens.', headline(difference)],
      ['On the screens nothing changes in the next 7 days.', headline({ ...difference, changed_millis: 0, changed_screens: 0 })],
      ['There are no screens to compare.', headline({ ...difference, screens: 0 })],
      ['Less than a screen-minute changes in the next 7 days, on 2 of 4 screens.', headline({ ...difference, changed_millis: 1000 })],
      ['1 screen-minute', screenTime(61_000)],
      ['69 screen-hours', screenTime(4120 * 60_000)],
      ['In Paediatrics, 2 screens show “Evenings” instead of the filler, first on Sat 28 Nov at 17:00: 300 screen-minutes',
        changeLine({ ...some, before: { source: 'filler' }, after: evenings, first: idle.start, millis: 300 * 60_000 }, names).text],
      ['In Paediatrics, 1 screen shows something else in “Evenings”, first on Sat 28 Nov at 17:00: 300 screen-minutes',
        changeLine({ ...some, screens: 1, before: evenings, after: evenings, first: idle.start, millis: 300 * 60_000 }, names).text],
      ['On Sat 28 Nov from 17:00 to 22:00, 2 screens of Paediatrics have nothing scheduled: the filler shows', idleLine(idle, names).text],
      ['From Sat 28 Nov at 17:00 to Sun 29 Nov at 06:00, 1 screen of Paediatrics has nothing scheduled: the slate shows',
        idleLine({ ...idle, screens: 1, end: '2026-11-29T11:00:00Z', source: 'slate' }, names).text],
      ['“Flu” has run out, so its turns go to others: 30 screen-minutes, as before',
        itemLine({ ...some, kind: 'expired', item: 'flu', title: 'Flu', first: from, millis: 1_800_000, before: 1_800_000 }).text],
      ['“A film” is a film with words and has no captions: 30 screen-minutes instead of 10 screen-minutes',
        itemLine({ ...some, kind: 'uncaptioned', item: 'film', title: 'A film', first: from, millis: 1_800_000, before: 600_000 }).text],
      ['Paediatrics: “Flu” must run at least 2 times an hour. On 2 screens it does not in 3 of 45 opening hours; the worst begins on Sat 28 Nov at 17:00: 1 time', floorLine(missed, names, (id) => id).text],
      ['Paediatrics: the phase of care “Recovery” must run at least 1 time an hour. On 2 screens it does not in 3 of 45 opening hours; the worst begins on Sat 28 Nov at 17:00: 0 times',
        floorLine({ ...missed, floor: { phase: 'recovery', plays: 1 }, plays: 0 }, names, (id) => id).text],
    ]) {
      await t.test(want, () => assert.equal(got, want));
    }
    await t.test('what must run leads to the screen then, to what has it, to what plays, and to where it is set', () => assert.deepEqual(
      floorLine(missed, names, () => 'Calm').places.map((p) => `${p.name} ${p.href}`),
      ['the door /screens/door?date=2026-11-28&at=17%3A00%3A00', '“Evenings” /schedule/evenings', 'playlist “Calm” /playlists/calm', 'what must run there /departments/paediatrics#floors']));
    await t.test('screens are links to that moment of their day', () => assert.deepEqual(idleLine(idle, names).places[0],
      { name: 'the corner', href: '/screens/corner?date=2026-11-28&at=17%3A00%3A00' }));
    await t.test('what is usual is counted apart', () => assert.equal(usualTime({ ...difference, idle: [idle, { ...idle, new: false }] }), 2 * 5 * 3_600_000));
  });
});

// Task 7: see what Saturday night would look like, and where.
test('the page says what a draft does to the screens, and leads there', { skip: cannot }, async () => {
  const mark = `Saturday night ${Date.now().toString(36)}`;
  const id = slugOf(mark);
  await signedIn(async (page) => {
    const playlist = (await ask(page, '/api/v1/playlists')).items[0].id;
    await put(page, `/api/v1/windows/${id}`, {
      id, name: mark, playlist, start: '0 23 * * 6', end: { days: 1, clock: '01:00' }, targets: [{ all: true }], priority: 900,
    });
    try {
      await page.goto(`${base}/publish`);
      const line = page.getByRole('listitem').filter({ hasText: `“${mark}” instead of` }).first();
      await line.waitFor();
      await page.getByText(/screen-(minutes|hours) change in the next 7 days, on \d+ of \d+ screens\./).waitFor();
      assert.deepEqual(await accessibilityFaults(page), []);
      await shoot(page, 'publish-outlook');
      const place = line.getByRole('link').first();
      const { searchParams: wanted } = new URL(await place.getAttribute('href'), base);
      await place.click();
      await page.getByRole('heading', { name: 'The day, and why' }).waitFor();
      const [date, time] = [page.locator('#date'), page.locator('#time')];
      await eventually('the moment is the one of the address', async () =>
        await date.inputValue() === wanted.get('date') && (await time.inputValue()).slice(0, 5) === wanted.get('at').slice(0, 5));
    } finally {
      await remove(page, `/api/v1/windows/${id}`);
    }
  });
});

function slugOf(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}

async function put(page, path, body) {
  const status = await page.evaluate(async ([to, json]) =>
    (await fetch(to, { method: 'PUT', headers: { 'Content-Type': 'application/json', 'If-None-Match': '*' }, body: json })).status, [path, JSON.stringify(body)]);
  assert.equal(status, 200);
}

async function remove(page, path) {
  await page.evaluate(async (to) => {
    const etag = (await fetch(to)).headers.get('ETag');
    await fetch(to, { method: 'DELETE', headers: { 'If-Match': etag } });
  }, path);
}
