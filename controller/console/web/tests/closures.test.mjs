// Task 4: the hospital's holidays from its calendar's file; which days change is seen before anything is saved.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, shoot, signedIn, tabTo } from './browser.mjs';
import { make, takeAway } from './documents.mjs';
import { withModules } from './modules.mjs';

const year = new Date().getFullYear() + 1;
const event = (...lines) => ['BEGIN:VEVENT', ...lines, 'END:VEVENT'].join('\r\n');
const calendar = (...events) => ['BEGIN:VCALENDAR', 'VERSION:2.0', 'X-WR-CALNAME:Holidays of the hospital', ...events, 'END:VCALENDAR', ''].join('\r\n');
const file = (text, name = 'holidays.ics') => ({ name, mimeType: 'text/calendar', buffer: Buffer.from(text) });
const holidays = calendar(
  event(`DTSTART;VALUE=DATE:${year}1224`, `DTEND;VALUE=DATE:${year}1227`, 'SUMMARY:Christmas'),
  event(`DTSTART;VALUE=DATE:${year}0501`, 'SUMMARY:May Day'),
  event(`DTSTART;VALUE=DATE:${year}0214`, 'SUMMARY:Valentine’s Day'),
  event(`DTSTART:${year}0310T100000`, `DTEND:${year}0310T110000`, 'SUMMARY:Board meeting'),
);

/** A set of closed days for the test alone, and what becomes of it. */
async function withSet(page, work) {
  const id = `browser-test-${Date.now().toString(36)}`;
  await make(page, `closures/${id}`, { id, name: 'Test holidays', dates: [`${year}-05-01`] });
  await page.goto(`${base}/closures/${id}`);
  await page.getByRole('heading', { level: 1, name: 'Test holidays' }).waitFor();
  await work(async () => ask(page, `/api/v1/closures/${id}`));
  await takeAway(page, `closures/${id}`);
}

test('closed days come from a calendar file, and what changes is seen before', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await withSet(page, async (now) => {
      const pick = page.getByLabel('Choose a calendar file');
      await pick.setInputFiles(file('<!DOCTYPE html>', 'page.ics'));
      await page.getByText('Line 1: an iCalendar file begins with BEGIN:VCALENDAR').waitFor();
      assert.deepEqual(await accessibilityFaults(page), []);

      await pick.setInputFiles(file(holidays));
      const found = page.getByRole('group', { name: '“Holidays of the hospital” closes 5 days' });
      await found.getByText('1 entry closes nothing').click();
      await found.getByText('Line 17, “Board meeting”: it lasts only part of a day').waitFor();
      await found.getByText('there already').waitFor();
      await found.getByLabel('Valentine’s Day').uncheck();
      await shoot(page, 'closures-found');
      assert.deepEqual(await accessibilityFaults(page), []);
      await found.getByRole('button', { name: 'Add 3 days' }).click();

      await page.getByText('3 days are new.', { exact: true }).waitFor();
      assert.equal((await now()).dates.length, 1, 'nothing is kept yet');
      await page.getByRole('button', { name: new RegExp(`^Take .*26 Dec ${year} out$`) }).click();
      await page.getByText('2 days are new.', { exact: true }).waitFor();
      await shoot(page, 'closures-added');
      assert.deepEqual(await accessibilityFaults(page), []);
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('2 days are new.', { exact: true }).waitFor({ state: 'hidden' });
      const { dates, names } = await now();
      assert.deepEqual(dates, [`${year}-05-01`, `${year}-12-24`, `${year}-12-25`]);
      assert.equal(names[`${year}-12-25`], 'Christmas');
    });
  });
});

test('closed days come from a calendar file by keyboard alone', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await withSet(page, async (now) => {
      await tabTo(page, 'input[type="file"]');
      // What opens on Space is the browser's own, and choosing in it is beyond the page.
      await page.locator('input[type="file"]').setInputFiles(file(holidays));
      await page.getByRole('button', { name: 'Add 4 days' }).waitFor();
      await tabTo(page, 'ul.names li:first-child input');
      await page.keyboard.press('Space');
      await tabTo(page, 'button.main');
      await page.keyboard.press('Enter');
      await page.getByText('3 days are new.', { exact: true }).waitFor();
      await tabTo(page, '.row.apart button.main');
      await page.keyboard.press('Enter');
      await page.getByText('3 days are new.', { exact: true }).waitFor({ state: 'hidden' });
      assert.equal((await now()).dates.length, 4);
    });
  });
});

test('an address is refused at its field, and stays typed', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await withSet(page, async () => {
      const field = page.getByLabel('Address of the calendar');
      await field.fill('http://[::1]:9/holidays.ics');
      await page.getByRole('button', { name: 'Look at it' }).click();
      await page.getByText('within the house; whoever runs the controller can allow that with --house-networks').waitFor();
      assert.equal(await field.inputValue(), 'http://[::1]:9/holidays.ics');
      await shoot(page, 'closures-refused');
      assert.deepEqual(await accessibilityFaults(page), []);
    });
  });
});

test('a set that follows a calendar keeps what people put there', async () => {
  await withModules(async (load) => {
    const { following, without } = await load('lib/calendars.ts');
    const read = { first: '2026-01-01', last: '2028-12-31', left: [], days: [{ date: '2026-05-01', names: ['May Day'] }, { date: '2026-12-25', names: ['Christmas'] }, { date: '2026-12-31', names: ['Eve'] }] };
    const set = { dates: ['2025-12-25', '2026-05-01', '2026-07-04'], calendar: { url: 'old', days: ['2025-12-25', '2026-07-04'] } };
    const next = following(set, read, 'new', new Set(['Eve']));
    assert.deepEqual(next.dates, ['2025-12-25', '2026-05-01', '2026-12-25'], 'what is over stays, what the old calendar gave goes');
    assert.deepEqual(next.calendar, { url: 'new', skip: ['Eve'], days: ['2025-12-25', '2026-12-25'] }, 'a day by hand stays one by hand');
    assert.deepEqual(without(next, ['2026-12-25']).names, {});
  });
});
