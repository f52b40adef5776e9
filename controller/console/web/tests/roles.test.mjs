// Every page as each of the roles: nothing is asked for or offered that the controller refuses to them, and where something
// cannot be done, who may is said.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, cannot, eventually, settled, shoot, signedIn } from './browser.mjs';
import { make, takeAway } from './documents.mjs';
import { places } from './places.mjs';

const roles = ['administrator', 'scheduler', 'marketer', 'reviewer', 'viewer'];
const password = 'a kettle on the stove';
const name = (role) => `role-${role}`;

/** Places that look alike to everybody, or as another does. */
const same = ['missing', 'garbled', 'gone-screen', 'reports-by-day'];

/** Where a viewer is shown something else than an administrator, once of each sort. */
const looked = ['screens-all', 'screens-id', 'pair', 'library', 'library-id', 'playlists-id', 'publish', 'takeover'];

/** What can be done, where: the page, what offers it, and the right that it takes. */
const deeds = [
  ['screens-all', 'a[href="/pair"]', 'edit player'], ['screens-all', 'input.choose', 'edit screen'], ['screens-all', 'nav a[href="/people"]', 'see user'],
  ['screens-all', 'nav a[href="/audit"]', 'see audit'], ['screens-all', 'header a[href="/takeover"]', 'alert takeover'], ['screens-id', 'form [type=submit]', 'edit screen'], ['screens-id', '.danger', 'edit player'],
  ['pair', 'form', 'edit player'], ['pair-many', 'form', 'edit player'], ['library', 'a[href="/slides/new"]', 'edit upload'], ['library', '.upload', 'edit upload'],
  ['library-id', 'form [type=submit]', 'edit item'], ['library-id-versions', 'form', 'see item'], ['slides-new', 'form [type=submit]', 'edit upload'],
  ['playlists', 'a[href="/playlists/new"]', 'edit playlist'], ['playlists', 'a[href="/layouts/new"]', 'edit layout'], ['playlists-id', 'form [type=submit]', 'edit playlist'],
  ['new-playlist', 'form [type=submit]', 'edit playlist'], ['new-layout', 'form [type=submit]', 'edit layout'], ['schedule', 'a[href="/schedule/new"]', 'edit window'],
  ['schedule', 'form', 'edit closure'], ['schedule-id', 'form [type=submit]', 'edit window'], ['new-window', 'form [type=submit]', 'edit window'],
  ['calendar', 'a[href^="/schedule/new"]', 'edit window'], ['closures-id', 'form [type=submit]', 'edit closure'], ['publish', 'form [type=submit]', 'publish publication'],
  ['takeover', 'form', 'alert takeover'], ['settings', 'form [type=submit]', 'edit organisation'], ['settings', 'a[href="/settings/backups"]', 'see backup'],
  ['hospital', 'form [type=submit]', 'edit site'], ['departments-id', 'form [type=submit]', 'edit department'], ['new-department', 'form [type=submit]', 'edit department'],
  ['settings-tags', 'li button', 'edit screen'], ['settings-wordings', 'a[href="/settings/wordings/new"]', 'edit item'],
  ['settings-wordings-id', 'form [type=submit]', 'edit item'], ['people', 'button', 'see user'], ['audit', '#audit-by', 'see audit'],
  ['settings-backups', 'h2', 'see backup'],
];

/** Goes to a page as its links do, and waits until it shows what it has. */
async function go(page, path) {
  await page.evaluate((to) => {
    const link = document.createElement('a');
    link.href = to;
    document.body.append(link);
    link.click();
    link.remove();
  }, path);
  await settled(page);
}

/** Walks all places, and gives what of the deeds is offered there. */
async function walk(page, role, all) {
  const { rights } = await ask(page, '/api/v1/me');
  const may = (right) => rights.find((r) => `${r.action} ${r.kind}` === right).may;
  const refused = [];
  page.on('response', (answer) => {
    if (answer.status() === 403) refused.push(`${new URL(page.url()).pathname} asked for ${new URL(answer.url()).pathname}`);
  });
  for (const [id, path] of all) {
    await go(page, path);
    const here = deeds.filter(([where]) => where === id);
    // The screen's own page learns by and by how its screen is.
    if (id === 'screens-id') await page.locator('main dl').first().waitFor();
    for (const [, selector, right] of here) {
      const offered = () => page.locator(`${/^(nav|header)/.test(selector) ? '' : 'main '}${selector}`).filter({ visible: true }).count();
      await eventually(`${role} is ${may(right) ? '' : 'not '}offered ${selector} at ${path}`, async () => (await offered()) > 0 === may(right));
    }
    const without = here.length > 0 && here.every(([, , right]) => !may(right));
    if (without && id !== 'screens-all' && !['library', 'playlists', 'schedule', 'calendar'].includes(id)) {
      assert.match(await page.locator('main').innerText(), /Ask one of them/, `${path} does not tell a ${role} who may`);
    }
    if (role === 'viewer' && looked.includes(id)) {
      assert.equal(await page.locator('h1').count(), 1, `${path} has one first heading`);
      assert.deepEqual(await accessibilityFaults(page), [], path);
      await shoot(page, `viewer-${id}`);
    }
  }
  assert.deepEqual(refused, []);
}

test('what each role sees is what it may do', { skip: cannot }, async (t) => {
  await signedIn(async (page) => {
    const all = (await places(page)).filter(([id]) => !same.includes(id));
    assert.deepEqual(deeds.filter(([id]) => !all.some(([known]) => known === id)), [], 'pages that are not there');
    for (const role of roles) await make(page, `users/${name(role)}`, { name: name(role), role, everywhere: true, password });
    try {
      for (const role of roles) {
        await t.test(role, () => signedIn((own) => walk(own, role, role === 'viewer' ? all : all.filter(([id]) => deeds.some(([where]) => where === id))),
          { user: name(role), password }));
      }
    } finally {
      for (const role of roles) await takeAway(page, `users/${name(role)}`);
    }
  });
});
