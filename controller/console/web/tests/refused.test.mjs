// What the controller refuses, and the browser lets through: the reason stands at the field, the focus is there, and what was
// typed stays. Every form, its dialogs too, in what each refuses.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { accessibilityFaults, ask, base, cannot, eventually, settled, shoot, signedIn } from './browser.mjs';
import { make, takeAway } from './documents.mjs';

const mark = `refused-${Date.now().toString(36)}`;
/** Characters that nobody sees, which a field that must be filled takes for a text. */
const unseen = '\u200b\u2060';
const empty = /write 1 to 200 characters that can be seen/i;

async function documents(page) {
  const one = async (kind) => (await ask(page, `/api/v1/${kind}`)).items[0];
  const [department, playlist] = [await one('departments'), await one('playlists')];
  const item = (await ask(page, '/api/v1/items')).items.find((i) => !i.template);
  const named = { id: mark, name: mark };
  return [
    [`sites/${mark}`, named],
    [`departments/${mark}`, {
      ...department, ...named, site: mark, hours: [{ days: [1], from: '08:00', to: '17:00' }],
    }],
    [`screens/${mark}`, { ...named, department: mark, tags: [mark] }],
    [`items/${mark}`, { id: mark, title: mark, version: 1, renditions: item.renditions }],
    [`playlists/${mark}`, { ...named, entries: playlist.entries }],
    [`layouts/${mark}`, { ...named, regions: [{ name: 'main', x: 0, y: 0, w: 1, h: 1, playlist: playlist.id }] }],
    [`windows/${mark}`, { ...named, playlist: playlist.id, start: '0 8 * * 1-5', end: { clock: '17:00' }, targets: [{ department: mark }], priority: 0 }],
    [`closures/${mark}`, { ...named, dates: ['2099-12-25'] }],
    [`users/${mark}`, { name: mark, role: 'viewer', everywhere: true, password: 'a chair beside the window' }],
  ];
}

const name = { name: [unseen, empty] };
const button = (name) => (page) => page.getByRole('button', { name, exact: true }).click();
const steps = async (page) => {
  await page.getByRole('radio', { name: /^What to expect/ }).check();
  await page.locator('[data-field~="title"]').fill('Before your visit');
};

/**
 * Every form: where it is, what opens it, what is done first, what is typed into which field, what is said of that, and what
 * sends it. Of a field that is a group, the input stands with it.
 */
const forms = {
  screen: { at: `/screens/${mark}`, types: { name: [unseen, empty], tags: ['Zürich?', /is no identifier/] } },
  'many screens': {
    at: `/?search=${mark}`, opens: async (page) => {
      await page.getByRole('checkbox', { name: `Choose ${mark}`, exact: true }).check();
      await button('Move, turn or tag')(page);
    }, types: { add_tags: ['Zürich?', /is no/] }, sends: 'Change them',
  },
  item: { at: `/library/${mark}`, types: { title: [unseen, empty], review_by: ['1800-01-01', /choose a date from 1970/i] } },
  playlist: { at: `/playlists/${mark}`, types: name },
  'a new playlist': {
    at: '/playlists/new', first: async (page) => {
      await page.locator('#adding').selectOption({ index: 1 });
      await button('Add')(page);
    }, types: name,
  },
  slide: { at: '/slides/new', types: { title: [unseen, /is empty/] }, sends: 'Put it in the library' },
  'a point of a slide': { at: '/slides/new', first: steps, types: { 'points[0]': [unseen, /is empty/] }, sends: 'Put it in the library' },
  'a slide without points': { at: '/slides/new', first: steps, types: { 'points[0]': [' ', /are missing/] }, group: 'points', sends: 'Put it in the library' },
  wording: { at: '/settings/wordings/new', first: (page) => page.locator('#title-0').fill('Use the stairs'), types: { title: [unseen, empty] } },
  'a language of a wording': {
    at: '/settings/wordings/new', first: async (page) => {
      await page.locator('#name').fill(mark);
      await page.locator('#title-0').fill('Use the stairs');
    }, types: { 'slides[1].title': [unseen, /is empty/] },
  },
  takeover: {
    at: '/takeover', first: async (page) => {
      await page.getByRole('radio', { name: /^Own words/ }).check();
      await page.locator('#drill').check();
    }, types: { 'slides[1].title': [unseen, /is empty/], 'slides[0].title': ['Use the stairs'] }, sends: /^Start the drill/,
  },
  window: { at: `/schedule/${mark}`, types: { name: [unseen, empty], first: ['1800-01-01', /choose a date from 1970/i] } },
  'a window that is nowhere': { at: `/schedule/${mark}`, first: (page) => page.locator(`[data-field="targets"] [data-department="${mark}"]`).uncheck(), types: { targets: [undefined, /choose where it shows/i] } },
  layout: { at: `/layouts/${mark}`, types: name },
  closure: { at: `/closures/${mark}`, types: name },
  'a new closure': { at: '/schedule', types: name, sends: 'Make it' },
  'the address of a calendar': { at: `/closures/${mark}`, types: { url: ['https://ward:secret@example.org/days.ics', /is no address of a calendar/] }, sends: 'Look at it' },
  department: {
    at: `/departments/${mark}`, types: {
      name: [unseen, empty], zone: ['Nowhere/At all', /is no time zone/], 'hours[0]': ['06:00', /close later than you open/, 'input[id*="-to-"]'], languages: ['5', /add up to \d+ twelfths/, '#share-0'],
    },
  },
  'a new site': { at: '/hospital', types: name, sends: 'Add the site' },
  site: { at: '/hospital', opens: button(`Rename ${mark}`), types: name },
  person: { at: '/people', opens: button(`Change ${mark}`), types: { full_name: [unseen, /nothing of it can be seen/i] } },
  'a new person': { at: '/people', opens: button('Add a person'), types: { full_name: [unseen, /nothing of it can be seen/i], name: ['Ana María', /is no name to sign in with/] } },
  'a person of a name that there is': { at: '/people', opens: button('Add a person'), types: { name: [mark, /there is a user/i] } },
  token: { at: '/account', opens: button('Make a token'), types: { name: [unseen, /in 1 to 100 characters/] }, sends: 'Make a token' },
  password: { at: '/account', types: { old: ['not this one', /is not your present password/], password: ['quite another password'] }, sends: 'Set the new password' },
  tag: { at: '/settings/tags', opens: button(`Rename or merge ${mark}`), types: { to: ['No Tag', /is no tag/] }, sends: 'Rename it everywhere' },
  organisation: { at: '/settings', types: { name: [unseen, empty], 'brand.name': [unseen, empty], 'brand.ink': ['#0b3d4d', /contrast/] } },
};

/** What is said at a field: the texts that describe it, those that are seen. */
async function saidAt(field) {
  return field.evaluate((e) => (e.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)).filter((p) => p?.checkVisibility()).map((p) => p.textContent).join(' '));
}

/** Types what is refused, sends it, and looks where the reasons stand. */
async function refused(page, { at, opens, first, types, group, sends = 'Save' }) {
  await page.goto(base + at);
  await settled(page);
  await opens?.(page);
  const form = opens ? page.getByRole('dialog') : page.locator('main');
  await form.locator('[data-field]').first().waitFor();
  await first?.(page);
  const fields = Object.entries(types).map(([name, [text, says, inner]]) => {
    const field = form.locator(`[data-field~="${name}"]`).first();
    return { text, says, field: group ? form.locator(`[data-field="${group}"]`) : field, input: inner ? field.locator(inner) : field };
  });
  for (const { text, input } of fields) if (text !== undefined) await input.fill(text);
  await form.getByRole('button', { name: sends, exact: true }).click();
  for (const { text, says, field, input } of fields) {
    if (says) await eventually(`${says} is said at its field`, async () => says.test(await saidAt(field)));
    if (text !== undefined) assert.equal(await input.inputValue(), text, 'what was typed is lost');
  }
  assert.equal(await form.locator('.fault').count(), fields.filter((f) => f.says).length, 'as many messages as fields that are refused');
  assert.deepEqual(await form.locator('[data-field]:is(input, select, textarea)').evaluateAll((all) => all.filter((e) => (e.getAttribute('aria-invalid') === 'true') !== e.matches('[aria-describedby*="fault-"]')).length), 0);
  // The focus is on the first of them, or in it.
  assert.ok(await form.locator('.fault').first().evaluate((said) => document.querySelector(`[aria-describedby~="${said.id}"]`).contains(document.activeElement)), 'the focus is elsewhere');
}

test('the reason for a refusal stands at the field, and what was typed stays', { skip: cannot }, async (t) => {
  await signedIn(async (page) => {
    await page.emulateMedia({ reducedMotion: 'reduce' }); // nothing is still changing its colour when axe looks
    page.on('dialog', (dialog) => void dialog.accept()); // the browser's own, before a page with something typed goes
    const all = await documents(page);
    try {
      for (const [path, document] of all) await make(page, path, document);
      for (const [name, form] of Object.entries(forms)) {
        await t.test(name, async () => {
          await refused(page, form);
          if (!['department', 'a new person', 'takeover', 'a new site'].includes(name)) return;
          await shoot(page, `refused-${name.replaceAll(' ', '-')}`);
          assert.deepEqual(await accessibilityFaults(page), []);
        });
      }
    } finally {
      await page.goto(base);
      for (const [path] of all.reverse()) await takeAway(page, path);
    }
  });
});

/** What stands in a form and is not sent, or is a part of a group that is the field. */
const unsent = [
  '{id}-kind-{n}', '{id}-from-{n}', '{id}-to-{n}', '{side}-{n}', 'adding', 'another', 'last', 'add-language', 'beginning', 'department', 'time', 'starter', 'picture', 'shown',
  'replace-search', '{name}',
];

test('every input of a form says which field of a request it is', () => {
  const without = [];
  for (const file of ['parts', 'pages'].flatMap((of) => readdirSync(new URL(`../src/${of}`, import.meta.url)).map((name) => `${of}/${name}`))) {
    const text = readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8').replaceAll('=>', '=›');
    if (!text.includes('data-field') && !(text.includes('<form') && text.includes('<Refusal'))) continue;
    for (const [tag] of text.matchAll(/<(?:input|select|textarea|LanguageSelect|TargetPicker)\b[^>]*>/g)) {
      const [, id] = /\bid="?([^" ]+)/.exec(tag) ?? [];
      if (!/ (data-)?field=/.test(tag) && !/type="(checkbox|radio|file|search)"/.test(tag) && id && !unsent.includes(id.replace('={', '{'))) without.push(`${file}: ${id}`);
    }
  }
  assert.deepEqual(without, []);
});
