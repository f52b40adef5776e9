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

/** Collects what the controller refuses to a person. */
function refusals(page) {
  const refused = [];
  page.on('response', (answer) => {
    if (answer.status() === 403) refused.push(`${new URL(page.url()).pathname} asked for ${new URL(answer.url()).pathname}`);
  });
  return refused;
}

/** Where it takes who is responsible everywhere: a department that there is not yet, and the tag that two departments use. */
const forAll = ['new-department', 'settings-tags'];

/** Walks all places, and gives what of the deeds is offered there. */
async function walk(page, role, all) {
  const { rights } = await ask(page, '/api/v1/me');
  const refused = refusals(page);
  for (const [id, path] of all) {
    const may = (right) => {
      const { may: somewhere, own } = rights.find((r) => `${r.action} ${r.kind}` === right);
      return somewhere && !(own && forAll.includes(id));
    };
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
      assert.match(await page.locator('main').innerText(), /Ask (one of them|an administrator|a colleague)/, `${path} does not tell a ${role} who may`);
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

/** What is in the demo hospital of the department that somebody has, and what is not theirs though they see it. */
const department = 'cardiology';
const theirs = ['/schedule/cardiology-day', '/departments/cardiology', '/screens/cardiology-desk'];
const others = ['/schedule/evenings', '/departments/new', '/hospital', '/settings'];

/** What can be pressed or typed into on the page, beside what only looks. */
function usable(page) {
  return page.locator('main form').locator('button, input, select, textarea').filter({ visible: true }).evaluateAll((all) => all.filter((e) => !e.matches(':disabled')).map((e) => e.outerHTML.slice(0, 90)));
}

/** Saves the form that is open as it is, or with something else in it. */
async function save(page, path) {
  const [answer] = await Promise.all([
    page.waitForResponse((r) => r.request().method() === 'PUT'), page.locator('main form').getByRole('button', { name: 'Save', exact: true }).click(),
  ]);
  assert.equal(answer.status(), 200, path);
}

/** The values of a select, or of some boxes, other than the one that chooses nothing. */
const offered = (locator) => locator.evaluateAll((all) => all.map((e) => e.value || e.dataset.department).filter(Boolean));

/** A new window of a scheduler's: on nothing else than their own, from the first to the save. */
async function schedules(page, role) {
  await go(page, '/schedule/new');
  assert.deepEqual(await page.locator('[data-department]').evaluateAll((all) => all.map((e) => e.dataset.department)), [department, department], 'departments to be on, and not to be on');
  assert.equal(await page.getByLabel('All screens', { exact: true }).count(), 0);
  await page.getByLabel('Name', { exact: true }).fill(`One ${role}`);
  await page.getByRole('group', { name: 'On', exact: true }).locator(`[data-department="${department}"]`).check();
  await save(page, '/schedule/new');
  await takeAway(page, `windows/one-${role}`);
}

/** Ends what is theirs to end, and starts a drill on all that is theirs. */
async function takesOver(page, may) {
  await go(page, '/takeover');
  const card = (title) => page.locator('article').filter({ has: page.getByRole('heading', { name: title, exact: true }) });
  await card('Only cardiology').waitFor();
  const end = (title) => card(title).getByRole('button', { name: 'All clear' });
  assert.deepEqual([await end('Only cardiology').count(), await end('Everywhere').count()], [may ? 1 : 0, 0]);
  assert.equal(await page.getByRole('button', { name: 'All clear everywhere' }).count(), 0);
  if (!may) return;
  assert.match(await card('Everywhere').innerText(), /other departments too/);
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'one-department-takeover');
  await end('Only cardiology').click();
  await card('Only cardiology').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Another takeover' }).click();
  await page.getByLabel('This is a drill').check();
  await page.locator('main form button[type="submit"]').click();
  await page.locator('article.drill').waitFor();
  await page.locator('article.drill').getByRole('button', { name: 'All clear' }).click();
  await page.locator('article.drill').waitFor({ state: 'detached' });
}

/** Uses all that is offered to somebody of one department, and looks at what is not theirs. */
async function useAll(page, role) {
  const { rights } = await ask(page, '/api/v1/me');
  const may = (action, kind) => rights.find((r) => r.action === action && r.kind === kind).may;
  const refused = refusals(page);
  for (const path of others) {
    await go(page, path);
    assert.deepEqual(await usable(page), [], `${path} has something to use for a ${role} of ${department}`);
    await page.locator('main').getByText(/Ask (one of them|an administrator|a colleague)/).first().waitFor();
    assert.deepEqual(await accessibilityFaults(page), [], path);
    await shoot(page, `one-department${path.replaceAll('/', '-')}-${role}`);
  }
  for (const path of theirs) {
    await go(page, path);
    if (may('edit', { schedule: 'window', departments: 'department', screens: 'screen' }[path.split('/')[1]])) await save(page, path);
  }
  if (may('edit', 'window')) await schedules(page, role);
  await takesOver(page, may('alert', 'takeover'));
  if (may('edit', 'player')) {
    await go(page, '/pair/many');
    assert.deepEqual(await offered(page.locator('select[data-field="department"]').first().locator('option')), [department]);
  }
  await go(page, '/calendar');
  assert.deepEqual(await offered(page.locator('#of optgroup').first().locator('option')), [`department:${department}`]);
  await go(page, '/reports');
  assert.deepEqual(await offered(page.locator('#department option')), [department]);
  await go(page, '/settings/told');
  assert.deepEqual(await page.locator('main li a[href$="#contacts"]').evaluateAll((all) => all.map((a) => a.getAttribute('href'))), may('edit', 'department') ? [`/departments/${department}#contacts`] : []);
  await go(page, '/settings/tags');
  assert.equal(await page.locator('main li button').count(), 0, 'a tag that another department uses too');
  assert.deepEqual(refused, []);
}

test('staff of one department are offered what is theirs, and use it', { skip: cannot }, async (t) => {
  await signedIn(async (page) => {
    const known = (await places(page)).filter(([id]) => !same.includes(id) && id !== 'screens-id' && id !== 'departments-id' && id !== 'schedule-id');
    const all = [...known, ['schedule-id', theirs[0]], ['departments-id', theirs[1]], ['screens-id', theirs[2]]];
    for (const role of roles) {
      const user = `one-${role}`;
      await make(page, `users/${user}`, { name: user, role, everywhere: false, departments: [department], password });
      try {
        await t.test(role, () => signedIn(async (own) => {
          await walk(own, role, all.filter(([id]) => deeds.some(([where]) => where === id)));
          await takeOver(page, 'Only cardiology', { department });
          await takeOver(page, 'Everywhere', { all: true });
          await useAll(own, role);
        }, { user, password }));
      } finally {
        await page.evaluate(() => fetch('/api/v1/takeovers/clear', { method: 'POST' }));
        await takeAway(page, `users/${user}`);
      }
    }
  });
});

/** Takes over, as somebody else has before. */
async function takeOver(page, title, target) {
  const status = await page.evaluate(async (order) => (await fetch('/api/v1/takeovers', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(order) })).status,
    { severity: 1, drill: false, targets: [target], slides: [{ language: 'en', title }] });
  assert.equal(status, 201, `${title} is taken over`);
}
