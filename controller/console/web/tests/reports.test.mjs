// Reports: the table says what the chart shows, in its order; what is taken away is what stands there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, base, cannot, shoot, signedIn, tabTo, typeDate } from './browser.mjs';

test('the table is in the order of the chart', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    for (const by of ['item', 'screen', 'department']) {
      await page.goto(`${base}/reports?by=${by}`);
      await page.getByRole('table').waitFor();
      const plays = (await page.locator('tbody tr td:nth-child(2)').allInnerTexts()).map((text) => Number(text.replace(/\D/g, '')));
      assert.deepEqual(plays, [...plays].sort((a, b) => b - a), `by ${by}, the greatest first`);
      const bars = (await page.locator('svg text.value').allTextContents()).map((text) => Number(text.replace(/\D/g, '')));
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
    await typeDate(page, '2026-11-01');
    await page.waitForURL(/from=2026-11-01/);
    assert.ok(asked.every((from) => from >= '2000'), asked.join());
    assert.equal(await page.getByRole('alert').count(), 0);
  });
});
