// Task 17: what did patients of Paediatrics ask for that we do not have? And make it, from there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, cannot, eventually, settled, shoot, signedIn } from './browser.mjs';
import { hands } from './hands.mjs';

const words = { item: 'An item about it', approval: 'The approval of an item that there is' };

/** What the page has to say, as the API has it: what is wanted, how often, and what is missing. */
async function truth(page) {
  const { topics } = await ask(page, '/api/v1/voice/wanted?department=paediatrics');
  const languages = new Intl.DisplayNames('en', { type: 'language' });
  return topics.map((w) => [
    w.title, w.name, w.count === 0 ? 'fewer than can be told' : `${w.count.toLocaleString('en')}${w.more ? ' and some more' : ''}`,
    w.needs === 'language' ? `A rendition in ${languages.of(w.language)}` : words[w.needs],
  ]);
}

for (const hand of hands) {
  test(`task 17 ${hand.how}: what patients of Paediatrics asked for and the library lacks`, { skip: cannot }, async (t) => {
    await signedIn(async (page) => {
      const wanted = await truth(page);
      if (wanted.length === 0) {
        t.skip('nobody has asked for anything yet');
        return;
      }
      assert.deepEqual(wanted.find(([title]) => title === 'Allergies')?.[3], words.item, 'the demo has nothing about allergies');
      const begun = Date.now();
      await hand.press(page, 'a[href="/voice"]');
      await page.getByRole('heading', { level: 1, name: 'Patients’ voice' }).waitFor();
      await hand.choose(page, '#department', 'Paediatrics');
      const table = page.getByRole('table', { name: 'Asked for, and not in the library' });
      const rows = table.locator('tbody tr');
      await eventually('the table is of Paediatrics alone', async () => (await rows.count()) === wanted.length);
      const answer = await rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll('th, td')].slice(0, 4).map((cell) => cell.innerText.trim())));
      const took = Date.now() - begun;
      console.log(`an answer in ${took} ms: ${answer.map((row) => row.join(', ')).join('; ')}`);
      assert.deepEqual(answer, wanted);
      assert.ok(took < 20_000, `${took} ms for what may take 20 s`);
      await settled(page);
      await shoot(page, 'wanted');
      assert.deepEqual(await accessibilityFaults(page), []);

      await hand.press(page, 'a[aria-label="Make it: Allergies for Paediatrics"]');
      await page.waitForURL('**/slides/new?topic=allergies');
      await page.getByRole('heading', { level: 1 }).waitFor();
    });
  });
}
