// Signing in by the hospital's own identity provider, a real one, with real certificates: who comes in and as what, what stands
// in the way and whom to ask, and how a leaver loses access; by mouse, and by keyboard alone.
//
//   ANTEROOM_PROVIDER  how to start the provider, as JSON: program, listen, cert, key, secret; and its name
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { accessibilityFaults, ask, base, eventually, shoot, signedIn, tabTo, visit, visitor } from './browser.mjs';
import { make } from './documents.mjs';

const told = process.env.ANTEROOM_PROVIDER ? JSON.parse(process.env.ANTEROOM_PROVIDER) : undefined;
const cannot = base && told ? false : 'ANTEROOM_PROVIDER names no identity provider';
const issuer = `https://${told?.listen}`;
const button = `Sign in with ${told?.name}`;

const person = (ID, FirstName) => ({ ID, Username: FirstName.toLowerCase(), Password: 'a bowl of cherries', FirstName, Email: `${FirstName.toLowerCase()}@st-mary.example`, EmailVerified: true });
const maria = person('u-1', 'Maria');
const kim = person('u-2', 'Kim');
const eve = person('u-3', 'Eve');

/** The hospital's identity provider, and those who run it. */
const hospital = {
  dir: cannot ? '' : mkdtempSync(join(tmpdir(), 'provider-')),
  realm: { secret: told?.secret, minutes: 0, people: [maria, kim, eve] },

  /** Changes what it says from now on. */
  now(change) {
    const file = join(this.dir, 'realm.json');
    writeFileSync(`${file}.new`, JSON.stringify({ ...this.realm, ...change }));
    renameSync(`${file}.new`, file);
  },

  async start() {
    this.now({});
    this.process = spawn(told.program, [
      '-listen', told.listen, '-cert', told.cert, '-key', told.key, '-realm', join(this.dir, 'realm.json'), '-return', `${base}/sign-in/return`,
    ], { stdio: 'inherit' });
    const [host, port] = told.listen.split(':');
    await eventually('the provider listens', () => new Promise((answer) => {
      const to = connect(Number(port), host, () => answer(to.end()));
      to.on('error', () => answer(undefined));
    }));
  },

  async stop() {
    const ended = this.process;
    this.process = undefined;
    if (!ended || ended.exitCode !== null) return;
    ended.kill();
    await once(ended, 'exit');
  },
};

after(async () => {
  await hospital.stop();
  if (hospital.dir) rmSync(hospital.dir, { recursive: true });
});

const heading = (page, name) => page.getByRole('heading', { level: 1, name, exact: true }).waitFor();

/** Fills in the provider's own page. */
async function identify(own, who) {
  await own.waitForURL(`${issuer}/**`);
  await own.getByLabel('Username').fill(who.Username);
  await own.getByLabel('Password').fill(who.Password);
  await own.getByRole('button', { name: 'Login' }).click();
}

/** Goes somewhere, and there by the provider's button. */
async function arrive(own, who, to = '/publish') {
  await visit(own, base + to);
  await own.getByRole('link', { name: button }).click();
  await identify(own, who);
}

/** Reads on the sign-in page why not, and what to do. */
async function refused(own, ...says) {
  await heading(own, 'Sign in');
  for (const words of says) await own.getByRole('alert').filter({ hasText: words }).waitFor();
  await own.getByRole('link', { name: button }).waitFor();
  assert.deepEqual(await accessibilityFaults(own), []);
}

/** The row of a person under People. */
const row = (page, name) => page.getByRole('row').filter({ has: page.getByRole('button', { name: `Change ${name}` }) });

/** Gives somebody access as an administrator does. */
async function add(page, who, role) {
  const name = who.Username;
  await page.goto(`${base}/people`);
  await page.getByRole('button', { name: 'Add a person' }).click();
  const dialog = page.getByRole('dialog', { name: 'Add a person' });
  await dialog.getByLabel('Name to sign in with').fill(name);
  await dialog.getByLabel(`Account at ${told.name}`).fill(who.Email);
  await dialog.getByLabel('Role').selectOption(role);
  await shoot(page, 'provider-add');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row(page, name).getByText('May sign in').waitFor();
}

test('what stands in the way of signing in is said, and whom to ask', { skip: cannot }, () => signedIn(async (page) => {
  const own = await visitor(page);
  await own.goto(`${base}/publish`);
  await shoot(own, 'provider-sign-in');
  await own.getByRole('link', { name: button }).click();
  await refused(own, 'The hospital\'s sign-in does not answer', 'a password of Anteroom\'s own', 'tell your IT department');
  await shoot(own, 'provider-away');

  await hospital.start();
  await eventually('people are sent to the provider again', async () => {
    await own.goto(`${base}/sign-in/provider?next=/publish`);
    return own.url().startsWith(issuer);
  });
  await identify(own, eve);
  await refused(own, `The account "${eve.Email}" has no access to Anteroom`, 'ask an administrator of Anteroom to add you under People');
  await shoot(own, 'provider-unknown');

  hospital.now({ secret: 'another' });
  await arrive(own, eve);
  await refused(own, 'does not know Anteroom by its name and secret', 'tell your IT department');
  hospital.now({ minutes: -120 });
  await arrive(own, eve);
  await refused(own, 'The clocks of the hospital\'s sign-in and of Anteroom differ', 'tell your IT department');
  hospital.now({});
  await own.goto(`${base}/sign-in/return?state=stale&error=access_denied`);
  await refused(own, 'not begun in this browser', 'begin again');
  await own.goto(`${base}/publish`);
  await heading(own, 'Sign in'); // none of it has let anybody in
}));

/** Whether a script may still do what its token is for. */
const script = (page, token) => page.evaluate(async (t) => (await fetch('/api/v1/me', { credentials: 'omit', headers: { Authorization: `Bearer ${t}` } })).status, token);

/** Somebody with a password, and a token for a script. */
async function withToken(page, name) {
  const password = 'a chair by the window';
  await make(page, `users/${name}`, { name, role: 'scheduler', everywhere: true, password });
  const own = await visitor(page);
  await own.goto(`${base}/account`);
  await own.getByLabel('Name', { exact: true }).fill(name);
  await own.getByLabel('Password').fill(password);
  await own.getByRole('button', { name: 'Sign in', exact: true }).click();
  await heading(own, 'My account');
  const token = await own.evaluate(async (expires) => (await fetch('/api/v1/me/tokens', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ name: 'nightly export', expires, read_only: true }),
  })).json(), new Date(Date.now() + 864e5).toISOString());
  return { own, token: token.secret };
}

test('who signs in by the hospital, and leaves it', { skip: cannot }, () => signedIn(async (page) => {
  const name = maria.Username;
  await add(page, maria, 'scheduler');
  assert.deepEqual(await accessibilityFaults(page), []);
  const own = await visitor(page);
  await arrive(own, maria);
  await heading(own, 'Publish'); // where they wanted to go
  const menu = own.getByRole('navigation');
  await menu.getByText('scheduler', { exact: true }).waitFor();
  assert.equal(await menu.getByRole('link', { name: 'People' }).count(), 0, 'a scheduler is shown People');
  await menu.getByRole('link', { name: 'My account' }).click();
  await own.getByText(`You sign in as ${maria.Email}`).waitFor();
  await shoot(own, 'provider-account');
  await menu.getByRole('button', { name: 'Sign out' }).click();
  await heading(own, 'Sign in');
  await arrive(own, maria, '/account');
  await heading(own, 'My account');

  // Only the provider is told that they leave: their session ends by itself, and an administrator need not wait.
  hospital.now({ people: [kim, eve] });
  const { items: [session] } = await ask(page, `/api/v1/users/${name}/sessions`);
  const minutes = (Date.parse(session.expires) - Date.parse(session.since)) / 60_000;
  assert.ok(minutes > 55 && minutes < 65, `a session by the provider lasts ${minutes} min`);
  await page.getByRole('button', { name: `End sessions of ${name}` }).click();
  const ending = page.getByRole('dialog', { name: `End sessions of ${name}` });
  await ending.getByRole('listitem').filter({ hasText: /Chrome on Linux: signed in .* at the latest/ }).waitFor();
  assert.deepEqual(await accessibilityFaults(page), []);
  await shoot(page, 'provider-sessions');
  await ending.getByRole('button', { name: 'End sessions', exact: true }).click();
  await ending.waitFor({ state: 'hidden' });
  await arrive(own, maria, '/account'); // there is the button again: the session has ended
  await own.getByText('username or password wrong').waitFor(); // says the provider, which lets them in no more

  // Only Anteroom is told.
  hospital.now({});
  await arrive(own, maria, '/account');
  await heading(own, 'My account');
  await row(page, name).getByRole('button', { name: `Change ${name}` }).click();
  const dialog = page.getByRole('dialog', { name: `Change ${name}` });
  await dialog.getByLabel(/^This person has left/).check();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row(page, name).getByText('Has left').waitFor();
  await arrive(own, maria, '/account');
  await refused(own, 'Your access to Anteroom has ended', 'ask an administrator of Anteroom');
  await shoot(own, 'provider-left');
  await page.goto(`${base}/audit?kind=user&id=${name}`);
  await page.getByRole('row').filter({ hasText: 'was refused at sign-in' }).waitFor();
}));

test('who moves to the hospital’s sign-in leaves password, session and tokens behind', { skip: cannot }, () => signedIn(async (page) => {
  const { own, token } = await withToken(page, 'lee');
  assert.equal(await script(page, token), 200);
  await page.goto(`${base}/people`);
  await row(page, 'lee').getByRole('button', { name: 'Change lee' }).click();
  const dialog = page.getByRole('dialog', { name: 'Change lee' });
  await dialog.getByLabel(`Account at ${told.name}`).fill('lee@st-mary.example');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await row(page, 'lee').getByText('lee@st-mary.example').waitFor();
  assert.equal(await script(page, token), 401);
  await visit(own, `${base}/account`);
  await heading(own, 'Sign in');
}));

test('signing in by the hospital and leaving it, by keyboard alone', { skip: cannot }, () => signedIn(async (page) => {
  const name = kim.Username;
  const press = async (on, selector) => {
    await tabTo(on, selector);
    await on.keyboard.press('Enter');
  };
  const arrives = async (own, to) => {
    await visit(own, base + to);
    await own.waitForFunction(() => document.activeElement?.matches('a.button')); // one press of Enter is enough
    await own.keyboard.press('Enter');
    await own.waitForURL(`${issuer}/**`);
    await tabTo(own, '#username');
    await own.keyboard.type(kim.Username);
    await tabTo(own, '#password');
    await own.keyboard.type(kim.Password);
    await own.keyboard.press('Enter');
  };
  await press(page, 'nav a[href="/people"]');
  await page.getByRole('table').waitFor();
  await press(page, 'main .head button');
  await page.getByRole('dialog', { name: 'Add a person' }).waitFor();
  await tabTo(page, '#person-name');
  await page.keyboard.type(name);
  await tabTo(page, '#person-account');
  await page.keyboard.type(kim.Email);
  await press(page, 'dialog button[type="submit"]');
  await row(page, name).getByText('May sign in').waitFor();

  const own = await visitor(page);
  await arrives(own, '/account');
  await heading(own, 'My account');
  await press(own, 'nav form button');
  await heading(own, 'Sign in');
  await arrives(own, '/account');
  await heading(own, 'My account');

  await press(page, `[aria-label="Change ${name}"]`);
  await page.getByRole('dialog', { name: `Change ${name}` }).waitFor();
  await tabTo(page, 'dialog input[type="checkbox"]');
  await page.keyboard.press('Space');
  await press(page, 'dialog button[type="submit"]');
  await row(page, name).getByText('Has left').waitFor();
  await arrives(own, '/account');
  await refused(own, 'Your access to Anteroom has ended');
}));
