// People and access: an account with a one-time link, what its role sees, one's own password, sessions and tokens, and
// the audit log that has all of it; by mouse, and by keyboard alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, eventually, shoot, signedIn, tabTo, visit, visitor } from './browser.mjs';

const mark = Date.now().toString(36);
const first = 'a chair by the window';
const second = 'a lamp above the door';

const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

/** Makes a person and gives the link that they are shown. */
async function add(page, name, full, departments) {
  await page.getByRole('button', { name: 'Add a person' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a person' });
  await dialog.getByLabel('Full name').fill(full);
  await page.keyboard.press('Tab');
  await page.waitForFunction((proposed) => document.getElementById('person-name').value === proposed, name);
  await dialog.getByLabel('Role').selectOption('scheduler');
  await dialog.getByLabel('Only some departments').check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('Choose at least one department.').waitFor();
  for (const d of departments) await dialog.getByLabel(d, { exact: true }).check();
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'people-add');
  await dialog.getByRole('button', { name: 'Save' }).click();
  const made = page.getByRole('dialog', { name: `A link for ${name}` });
  const link = await made.getByLabel('Link', { exact: true }).inputValue();
  assert.ok(link.startsWith(`${base}/welcome?token=`), link);
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'people-link');
  await made.getByRole('button', { name: 'Close' }).click();
  return link;
}

/** Chooses a password in a browser of one's own, which stays signed in. */
async function choose(page, link, password) {
  const own = await visitor(page);
  await own.goto(link);
  assert.deepEqual(await accessibilityFaults(own), []);
  await shoot(own, 'people-welcome');
  await own.getByLabel('Password').fill(password);
  await own.getByRole('button', { name: 'Set the password and sign in' }).click();
  await heading(own, 'Screens');
  return own;
}

async function navigation(page) {
  await page.getByRole('link', { name: 'My account' }).waitFor();
  return page.getByRole('navigation').getByRole('link').allInnerTexts();
}

/** What the new person sees, and does to their own account. */
async function ownAccount(own) {
  assert.ok(!(await navigation(own)).some((name) => /People|Audit/.test(name)), 'a scheduler is shown pages that are not for them');
  await own.goto(`${base}/people`);
  await own.getByText('Administrators may. Ask one of them.').waitFor();
  assert.deepEqual(await accessibilityFaults(own), []);
  await own.goto(`${base}/audit`);
  await own.getByText('Administrators may. Ask one of them.').waitFor();
  await own.getByRole('link', { name: 'My account' }).click();
  await heading(own, 'My account');
  await own.getByText('You are signed in here, and nowhere else.').waitFor();

  await own.getByLabel('Present password').fill('not this one');
  await own.getByLabel('New password').fill(second);
  await own.getByRole('button', { name: 'Set the new password' }).click();
  await own.getByText('this is not your present password').waitFor();
  assert.equal(await own.getByLabel('New password').inputValue(), second, 'what was typed is lost');
  await own.getByLabel('Present password').fill(first);
  await own.getByRole('button', { name: 'Set the new password' }).click();
  await own.waitForFunction(() => !document.getElementById('password-old').value && !document.getElementById('password-new').value);

  await own.getByRole('button', { name: 'Make a token' }).click();
  const dialog = own.getByRole('dialog', { name: 'Make a token' });
  await dialog.getByLabel('What is it for?').fill('nightly export');
  await dialog.getByLabel('Change some things').check();
  await dialog.getByRole('button', { name: 'Make a token' }).click();
  await dialog.getByText('Choose at least one thing that it may change.').waitFor();
  await dialog.getByLabel('Windows', { exact: true }).check();
  assert.deepEqual(await accessibilityFaults(own), []);
  await shoot(own, 'account-token');
  await dialog.getByRole('button', { name: 'Make a token' }).click();
  const made = own.getByRole('dialog', { name: 'Your token' });
  assert.match(await made.getByLabel('Token', { exact: true }).inputValue(), /^anteroom\./);
  assert.deepEqual(await accessibilityFaults(own), []);
  await made.getByRole('button', { name: 'Close' }).click();
  await own.getByRole('row', { name: /nightly export/ }).getByRole('cell', { name: 'Windows' }).waitFor();
  await shoot(own, 'account');
  assert.deepEqual(await accessibilityFaults(own), []);
  await own.getByRole('button', { name: 'Revoke “nightly export”' }).click();
  await own.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await own.getByText('You have no tokens.').waitFor();
}

/** Waits until all that the page lists is as the patterns say, one row each. */
async function listed(page, ...patterns) {
  await eventually(`rows like ${patterns.join(', ')}`, async () => {
    const rows = await page.locator('main tbody tr').allInnerTexts();
    return rows.length === patterns.length && patterns.every((pattern, n) => pattern.test(rows[n].replace(/\s+/g, ' ')));
  });
}

/** The log has what was done; one entry says what changed. */
async function log(page, name) {
  await page.getByRole('link', { name: `What they did: ${name}` }).click();
  await heading(page, 'Audit log');
  await page.getByRole('row', { name: /set a password/ }).nth(1).waitFor();
  await page.getByLabel('What they did').selectOption('deleted');
  await listed(page, new RegExp(`${name} deleted token`));
  await page.getByLabel('Who').selectOption('');
  await page.getByLabel('What they did').selectOption('changed');
  await page.getByLabel('To what').selectOption('user');
  await page.getByLabel('Which one').fill(name);
  await listed(page, new RegExp(`changed person ${name}`));
  await page.getByRole('button', { name: /^Show entry/ }).click();
  const dialog = page.getByRole('dialog', { name: /^Entry/ });
  await dialog.getByRole('row', { name: /Has left.*yes/ }).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'audit-entry');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'audit');
  const csv = await page.getByRole('link', { name: 'Take it away as CSV' }).getAttribute('href');
  assert.match(await page.evaluate(async (at) => (await fetch(at)).text(), csv), new RegExp(`^number,at,by,.*\r\n.*changed,user,${name}`));
  await page.getByLabel('Which one').fill('no such thing');
  await page.getByText('Nothing found', { exact: true }).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
}

test('people, their own accounts and the log of it all', { skip: cannot }, () => signedIn(async (page) => {
  const name = `lee-${mark}`;
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await heading(page, 'People');
  await page.getByRole('table').waitFor();
  const { items } = await ask(page, '/api/v1/departments');
  const link = await add(page, name, `Lee ${mark}`, [items[0].name]);
  await page.getByRole('row', { name: new RegExp(name) }).getByText(items[0].name).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'people');

  const own = await choose(page, link, first);
  await ownAccount(own);
  await own.goto(link);
  await own.getByText('This link no longer works').first().waitFor();

  // A leaver: out at once, everywhere.
  await page.getByRole('button', { name: `Change ${name}` }).click();
  const dialog = page.getByRole('dialog', { name: `Change ${name}` });
  await dialog.getByLabel(/^This person has left/).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('row', { name: new RegExp(name) }).getByText('Has left').waitFor();
  await visit(own, `${base}/account`);
  await own.getByRole('heading', { name: 'Sign in' }).waitFor();
  await log(page, name);
}));

test('people and the log by keyboard alone', { skip: cannot }, () => signedIn(async (page) => {
  const name = `kim-${mark}`;
  const press = async (selector, most) => {
    await tabTo(page, selector, most);
    await page.keyboard.press('Enter');
  };
  await press('nav a[href="/people"]');
  await page.getByRole('table').waitFor();
  await press('main .head button');
  await page.getByRole('dialog', { name: 'Add a person' }).waitFor();
  await tabTo(page, '#person-full');
  await page.keyboard.type(`Kim ${mark}`);
  await tabTo(page, '#person-role');
  await page.waitForFunction((proposed) => document.getElementById('person-name').value === proposed, name);
  await press('dialog button[type="submit"]');
  await page.getByRole('dialog', { name: `A link for ${name}` }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: `End sessions of ${name}` }).waitFor();
  await press(`[aria-label="End sessions of ${name}"]`, 200);
  await page.getByRole('dialog', { name: `End sessions of ${name}` }).waitFor();
  await press('dialog .actions .main');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  await press(`[aria-label="What they did: ${name}"]`, 200);
  await page.getByText('Nothing found', { exact: true }).waitFor();

  await page.goto(`${base}/audit?kind=user&id=${name}`);
  await page.getByRole('button', { name: /^Show entry/ }).first().waitFor();
  await press('main td .button');
  await page.getByRole('dialog', { name: /^Entry/ }).waitFor();
  await page.keyboard.press('Escape');

  await press('a[href="/account"]');
  await heading(page, 'My account');
  await page.getByText('You have no tokens.').waitFor();
  await tabTo(page, '#tokens > div > button');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.id === 'token-name');
  await page.keyboard.type('reads');
  await press('dialog button[type="submit"]');
  await page.getByRole('dialog', { name: 'Your token' }).waitFor();
  await page.keyboard.press('Escape');
  await press('[aria-label="Revoke “reads”"]');
  await press('dialog .actions .danger');
  await page.getByText('You have no tokens.').waitFor();
}));
