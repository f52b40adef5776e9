// Reports: the table says what the chart shows, in its order; what is taken away is what stands there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, base, cannot, shoot, signedIn, tabTo, typeDate } from './browser.mjs';

test('the table is in the order of the chart', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    for (const by of ['item', 'screen', 'department']) {
      await page.goto(`${base}/reports?by=${by}`);
      await page.getByRole('table').waitFor();
      const [plays, bars] = await page.evaluate((lists) => lists.map((list) =>
        [...document.querySelectorAll(list)].map((e) => Number(e.textContent.replace(/\D/g, '')))), ['tbody tr td:nth-child(2)', 'svg text.value']);
      assert.deepEqual(plays, [...plays].sort((a, b) => b - a), `by ${by}, the greatest first`);
      assert.deepEqual(bars, plays.slice(0, bars.length));
      assert.deepEqual(await accessibilityFaults(page), []);
      await shoot(page, `reports-by-${by}`);
    }
  });
});

test('a period is typed without a mouse, and nothing is asked before it is whole', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.goto(`${base}/reports`);
    await page.getByRole('table').waitFor();
    const asked = [];
    page.on('request', (request) => request.url().includes('/reports/impressions?') && asked.push(new URL(request.url()).searchParams.get('from')));
    await tabTo(page, '#from');
    const day = new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10);
    await typeDate(page, day);
    await page.waitForURL(new RegExp(`from=${day}`));
    assert.ok(asked.every((from) => from >= '2000'), asked.join());
    assert.equal(await page.getByRole('alert').count(), 0);
  });
});

test('months that cannot be read are named, and no figure claims to be complete', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    let rows = true;
    await page.route('**/api/v1/reports/impressions?*', async (route) => {
      const response = await route.fetch();
      const report = await response.json();
      delete report.complete_until;
      await route.fulfill({ response, json: { ...report, rows: rows ? report.rows : [], unreadable: ['2026-09', '2026-10'] } });
    });
    for (const [name, wanted] of [['reports-unreadable', 'Not complete.'], ['reports-unreadable-empty', 'No plays that can be read in this period']]) {
      await page.goto(`${base}/reports`);
      await page.getByText('Plays that came in during September 2026 and October 2026 cannot be read').waitFor();
      await page.getByText(wanted).waitFor();
      assert.equal(await page.getByText(/[Cc]omplete until|have reported|has reported/).filter({ visible: true }).count(), rows ? 1 : 0, 'only the definition of the words');
      assert.deepEqual(await accessibilityFaults(page), []);
      await shoot(page, name);
      rows = false;
    }
  });
});

test('a period of which plays are no longer kept says so', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    let rows = true;
    await page.route('**/api/v1/reports/impressions?*', async (route) => {
      const response = await route.fetch();
      const report = await response.json();
      delete report.complete_until;
      await route.fulfill({ response, json: { ...report, rows: rows ? report.rows : [], forgotten: '2025-10' } });
    });
    for (const [name, wanted] of [['reports-forgotten', 'Not complete.'], ['reports-forgotten-empty', 'No plays of this period are kept']]) {
      await page.goto(`${base}/reports`);
      await page.getByText('Plays that came in until the end of October 2025 are no longer kept').waitFor();
      await page.getByText(wanted).waitFor();
      assert.equal(await page.getByText(/[Cc]omplete until|have reported|has reported/).filter({ visible: true }).count(), rows ? 1 : 0, 'only the definition of the words');
      assert.deepEqual(await accessibilityFaults(page), []);
      await shoot(page, name);
      rows = false;
    }
  });
});

test('what is lost, and takeovers, are told where no item was shown, too', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.route('**/api/v1/reports/impressions?*', async (route) => {
      const response = await route.fetch();
      const report = await response.json();
      await route.fulfill({ response, json: { ...report, rows: [], lost: 7, takeover_totals: { ...report.takeover_totals, plays: 1, seconds: 60 } } });
    });
    await page.goto(`${base}/reports`);
    await page.getByText('No plays in this period').waitFor();
    await page.getByText('At least 7 plays more in this period cannot be counted').waitFor();
    await page.getByText('Takeovers stand apart: 1 play of their slides').waitFor();
    await shoot(page, 'reports-beside-rows');
  });
});

test('days that are over say so, and each date stands under its bar', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    await page.route('**/api/v1/reports/impressions?*', async (route) => {
      const response = await route.fetch();
      const report = await response.json();
      const rows = [1, 2, 3, 4, 5, 6, 7].map((n) => ({ ...report.totals, plays: n, key: `2026-10-0${n}`, name: `2026-10-0${n}` }));
      await route.fulfill({ response, json: { ...report, rows, waiting: [], complete_until: '2026-10-09T02:00:00Z' } });
    });
    await page.goto(`${base}/reports?by=day&from=2026-10-01&to=2026-10-07`);
    await page.getByText('Complete: every play of these days has arrived.').waitFor();
    const off = await page.evaluate(() => {
      const middle = (e) => e.getBoundingClientRect().left + e.getBoundingClientRect().width / 2;
      const bars = [...document.querySelectorAll('svg rect.plays')].map(middle);
      const dates = [...document.querySelectorAll('svg text')].filter((e) => /Oct/.test(e.textContent));
      return dates.map((date) => Math.round(Math.min(...bars.map((bar) => Math.abs(bar - middle(date))))));
    });
    assert.ok(off.length > 1 && off.every((pixels) => pixels === 0), `dates are ${off} pixels beside their bars`);
    await shoot(page, 'reports-over');
  }, { width: 390, height: 844 });
});
