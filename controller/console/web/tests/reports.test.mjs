// Reports: the table says what the chart shows, in its order; what is taken away is what stands there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, base, cannot, shoot, signedIn } from './browser.mjs';

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
