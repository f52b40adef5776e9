// Coverage: where the gaps are, of all departments and of one, and what closes each.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, shoot, signedIn, tabTo } from './browser.mjs';

/** What the page has to say, changed. */
async function told(page, change) {
  await page.route('**/api/v1/coverage', async (route) => {
    const response = await route.fetch();
    const coverage = await response.json();
    change(coverage);
    await route.fulfill({ response, json: coverage });
  });
}

test('all departments at a glance, in three layers', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const [answer] = await Promise.all([page.waitForResponse('**/api/v1/coverage'), page.goto(`${base}/coverage`)]);
    const { departments } = await answer.json();
    for (const [layer, name, has] of [['ready', 'The library has it', (c) => c.ready > 0], ['scheduled', 'It is scheduled', (c) => c.per_hour > 0], ['shown', 'It was shown', (c) => c.plays > 0]]) {
      await page.getByRole('radio', { name }).check();
      await page.waitForURL(new RegExp(`layer=${layer}`));
      for (const d of departments) {
        const recovery = d.cells.filter((c) => c.phase === 'recovery');
        const row = page.getByRole('row').filter({ has: page.getByRole('rowheader', { name: d.name, exact: true }) });
        assert.equal(await row.getByRole('cell').nth(3).innerText(), `${recovery.filter(has).length} of ${recovery.length}`, `${d.name}, ${layer}`);
      }
      assert.deepEqual(await accessibilityFaults(page), []);
    }
    await shoot(page, 'coverage');
    await page.goto(`${base}/coverage?layer=scheduled`);
    await page.getByRole('radio', { name: 'It is scheduled', checked: true }).waitFor();
  });
});

test('what is missing is said, and what closes it is a link', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    let item = '';
    await told(page, ({ departments }) => {
      const [{ cells }] = departments;
      item = cells.flatMap((c) => c.lacking ?? [])[0] ?? 'nobody';
      const none = { ready: 0, others: 0, per_hour: 0, week_plays: 0, week_seconds: 0, plays: 0, seconds: 0, lacking: undefined };
      ['no-item', 'no-language', 'not-ready', 'not-scheduled', 'not-shown'].forEach((gap, n) => Object.assign(cells[n * 2], none, { gap }));
      Object.assign(cells[2], { lacking: [item] });
      Object.assign(cells[4], { others: 1 });
      Object.assign(cells[6], { ready: 2 });
      Object.assign(cells[8], { ready: 2, per_hour: 0.04 });
    });
    const { departments: [{ department, name, languages }] } = await ask(page, '/api/v1/coverage');
    await page.goto(`${base}/coverage`);
    await tabTo(page, `a[href="/coverage?department=${department}"]`);
    await page.keyboard.press('Enter');
    await page.getByRole('table', { name: `Coverage of ${name} by phase of care and language` }).waitFor();
    await page.getByText('The library has nothing of this phase.').first().waitFor();
    await page.getByText('less than 0.1 an hour').waitFor();
    const links = await page.locator('td .why a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
    for (const wanted of [
      `/slides/new?phase=symptoms&language=${languages[0]}`, `/slides/new?item=${item}&language=${languages[0]}`, `/library?phase=treatment&language=${languages[0]}`,
      `/library?phase=recovery&language=${languages[0]}`, `/?department=${department}`,
    ]) assert.ok(links.includes(wanted), `${wanted} is not among ${links}`);
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'coverage-of');
    await page.locator('td .why a').first().click();
    await page.getByRole('heading', { level: 1, name: 'Write a slide' }).waitFor();
    assert.equal(await page.getByLabel('Phase of care').inputValue(), 'symptoms');
    await page.goBack();
    await page.getByLabel('Department').selectOption({ label: 'All departments' });
    await page.getByRole('radio', { name: 'It is scheduled' }).waitFor();
  });
});

test('a small window scrolls the table and not the page', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.goto(`${base}/coverage`);
    await page.getByRole('table').waitFor();
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    await shoot(page, 'coverage-narrow');
  }, { width: 320, height: 700 });
});

test('a page that cannot be loaded says so, and comes when it can', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.route('**/assets/Audit-*.js', (route) => route.abort());
    await page.getByRole('navigation').getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit log' }).waitFor();
    await page.getByRole('alert').first().waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.unroute('**/assets/Audit-*.js');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('table').first().waitFor();
  });
});
