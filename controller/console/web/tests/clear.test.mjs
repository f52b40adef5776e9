// How clear an item is: its reading grade, and a checklist that a reviewer fills in by the keyboard, which is kept with the decision
// and stands beside the next version.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, eventually, settled, shoot, signedIn } from './browser.mjs';
import { make, takeAway } from './documents.mjs';

const stamp = Date.now().toString(36);
const id = `clear-${stamp}`;
const reviewer = { user: 'reviewer', password: 'second pair of eyes' };

test('a reviewer reads the grade and fills in a checklist, which stays with the decision', { skip: cannot }, async () => {
  await signedIn(async (page) => {
    const { items } = await ask(page, '/api/v1/items');
    const like = items.find((i) => i.id === 'heart-tracing');
    await make(page, `items/${id}`, { ...like, id, title: `Clear ${stamp}`, approval: undefined });
    await page.goto(`${base}/library/${id}`);
    await page.getByText(/^Slide in English: about \d+(\.\d)? \(\d+ words\)$/).waitFor();
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
  });
  await signedIn(async (page) => {
    await page.goto(`${base}/review/${id}`);
    await page.getByText(/^Slide in English: about \d+(\.\d)? \(\d+ words\)$/).waitFor();
    const fold = page.locator('details').filter({ hasText: 'CDC Clear Communication Index' });
    await fold.locator('summary').focus();
    await page.keyboard.press('Enter');
    const groups = fold.getByRole('group').filter({ has: page.getByRole('radio') });
    assert.equal(await groups.count(), 20);
    for (let n = 0; n < 20; n++) {
      // From the core nothing is left out; of the rest, nothing applies.
      await groups.nth(n).getByRole('radio', { name: n < 11 ? 'Yes' : 'Does not apply' }).focus();
      await page.keyboard.press('Space');
    }
    await fold.getByText('Index: 100 % (11 of 11)').waitFor();
    await fold.getByText('CDC Clear Communication Index, 20 of 20 answered').waitFor();
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await shoot(page, 'clear');
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await eventually('it is approved', async () => (await ask(page, `/api/v1/items/${id}`)).approval?.checks?.length);
    const { approval } = await ask(page, `/api/v1/items/${id}`);
    assert.deepEqual([approval.by, approval.checks[0].scores], [reviewer.user, [{ part: 'index', points: 11, possible: 11, percent: 100 }]]);
  }, reviewer);
  await signedIn(async (page) => {
    await page.goto(`${base}/review/${id}`);
    await page.getByText(`CDC Clear Communication Index, by ${reviewer.user} for version 1`).waitFor();
    await page.getByText('Index: 100 % (11 of 11)').waitFor();
    await settled(page);
    assert.deepEqual(await accessibilityFaults(page), []);
    await takeAway(page, `items/${id}`);
  });
});
