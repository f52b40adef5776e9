// The console's own languages: catalogues that agree, and nothing said outside them. No browser, no controller.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'svelte/compiler';
import { withModules } from './modules.mjs';

/** Every text of a catalogue by its path, "screens.none": itself, or the function that makes it. What the controller says is English already. */
function leaves(value, path = '') {
  if (path === 'said') return [];
  if (typeof value !== 'object' || value === null) return [[path, value]];
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, path ? `${path}.${key}` : key));
}

// What is the same in both languages: words, and what puts together texts of the catalogue itself.
const alike = [
  'changes.no', 'clear.yesNo.disagree', 'hospital.feeds.json', 'hospital.feeds.rss', 'layouts.entry', 'library.part', 'playlists.entries', 'reports.lastDays', 'screen.panel',
  'settings.backups.command', 'words.kinds.organisation',
];

test('catalogues', async (t) => {
  await withModules(async (load) => {
    const { en } = await load('texts/en/index.ts');
    const { es } = await load('texts/es/index.ts');
    const spanish = new Map(leaves(es));

    await t.test('Spanish has every text that English has, and no other', () => {
      assert.deepEqual(leaves(es).map(([path, text]) => `${path} ${typeof text}`).sort(), leaves(en).map(([path, text]) => `${path} ${typeof text}`).sort());
    });
    await t.test('no text is empty', () => {
      assert.deepEqual([...leaves(en), ...leaves(es)].filter(([, text]) => text === '').map(([path]) => path), []);
    });
    await t.test('no Spanish text is English still', () => {
      const same = leaves(en).filter(([path, text]) => String(text) === String(spanish.get(path))).map(([path]) => path);
      assert.deepEqual(same, alike);
    });
    await t.test('numbers and plurals are those of the language', async () => {
      const { turnTo } = await load('texts/locale.svelte.ts');
      assert.deepEqual([0, 1, 2, 12_000].map(en.counts.screens), ['0 screens', '1 screen', '2 screens', '12,000 screens']);
      turnTo('es');
      assert.deepEqual([0, 1, 2, 12_000].map(es.counts.screens), ['0 pantallas', '1 pantalla', '2 pantallas', '12.000 pantallas']);
      turnTo('en');
    });
  });
});

// What is no word of any language: names, formats, and what stands for itself.
const allowed = new Set(['Anteroom', 'CSV', 'https', 'h2', 'h3']);
// What the controller says where it has nothing to say.
const theirs = new Set(['internal error']);

/** The words that a component says by itself, with their lines: in its markup, and in attributes that people see or hear. */
function literals(source) {
  const found = [];
  const note = (text, start) => {
    const words = (text.replace(/&\w+;/g, ' ').match(/\p{L}[\p{L}\d’'-]*/gu) ?? []).filter((word) => !allowed.has(word));
    if (words.length && !theirs.has(text)) found.push(`${source.slice(0, start).split('\n').length}: ${text.trim()}`);
  };
  const { fragment, instance } = parse(source, { modern: true });
  visit(fragment, note);
  if (instance) sentences(instance.content, note);
  return found;
}

/** Texts of several words in a script, which are for people. */
function sentences(node, note) {
  if (Array.isArray(node)) node.forEach((one) => sentences(one, note));
  else if (node && typeof node === 'object') {
    const text = node.type === 'Literal' ? node.value : node.type === 'TemplateElement' ? node.value.cooked : '';
    if (typeof text === 'string' && /\p{L} \p{L}/u.test(text)) note(text, node.start);
    Object.values(node).forEach((value) => sentences(value, note));
  }
}

const said = new Set(['title', 'label', 'alt', 'placeholder', 'aria-label', 'aria-valuetext', 'aria-description', 'legend', 'heading', 'text', 'none', 'help', 'name']);
// In these the name is a field's, which nobody sees.
const fields = new Set(['input', 'select', 'textarea', 'button', 'meta']);

function visit(node, note, inside = '') {
  if (Array.isArray(node)) node.forEach((one) => visit(one, note, inside));
  else if (node && typeof node === 'object') {
    if (node.type === 'Text' && inside !== 'attribute') note(node.data, node.start);
    if (node.type === 'Attribute') return attribute(node, note, inside);
    if (node.type === 'StyleDirective') return;
    if (node.type === 'ExpressionTag' && inside !== 'attribute') expression(node.expression, note);
    const within = node.type === 'RegularElement' || node.type === 'Component' ? node.name : inside;
    for (const [key, value] of Object.entries(node)) {
      if (key !== 'expression' || node.type !== 'ExpressionTag') visit(value, note, within);
    }
  }
}

function attribute(node, note, element) {
  if (!said.has(node.name) || (node.name === 'name' && fields.has(element))) return;
  for (const part of [node.value].flat()) {
    if (part.type === 'Text') note(part.data, part.start);
    else if (part.type === 'ExpressionTag') expression(part.expression, note);
  }
}

/** Texts that an expression may become: not those that it compares with, looks up or hands on. */
function expression(node, note) {
  if (node.type === 'Literal' && typeof node.value === 'string') note(node.value, node.start);
  if (node.type === 'TemplateLiteral') node.quasis.forEach((part) => note(part.value.cooked, part.start));
  if (node.type === 'ConditionalExpression') [node.consequent, node.alternate].forEach((branch) => expression(branch, note));
  if (node.type === 'LogicalExpression') [node.left, node.right].forEach((side) => expression(side, note));
}

test('nothing is said outside the catalogues', async (t) => {
  for (const folder of ['pages', 'parts']) {
    const path = new URL(`../src/${folder}/`, import.meta.url);
    for (const file of readdirSync(path).filter((name) => name.endsWith('.svelte'))) {
      await t.test(`${folder}/${file}`, () => assert.deepEqual(literals(readFileSync(new URL(file, path), 'utf8')), []));
    }
  }
  // Wording for takeovers is for patients, and what reads windows in plain words has a grammar for each language.
  const apart = new Set(['templates.ts']);
  for (const folder of ['lib', 'api']) {
    const path = new URL(`../src/${folder}/`, import.meta.url);
    for (const file of readdirSync(path).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts') && !apart.has(name))) {
      await t.test(`${folder}/${file}`, () => assert.deepEqual(literals(`<script lang="ts">${readFileSync(new URL(file, path), 'utf8')}</script>`), []));
    }
  }
  await t.test('App.svelte', () => assert.deepEqual(literals(readFileSync(new URL('../src/App.svelte', import.meta.url), 'utf8')), []));
  for (const [name, source, want] of [
    ['markup', '<p>Hello {name}</p>', ['1: Hello']],
    ['a choice of texts', '<p>{on ? t.on : "off"}</p>', ['1: off']],
    ['a template', '<p>{`${n} screens`}</p>', ['1: screens']],
    ['a label', '<button aria-label="Close"></button>', ['1: Close']],
    ['what a part is given', '<Note title="Done" />', ['1: Done']],
    ['a sentence in a script', '<script>announce(`${name} was removed`)</script>', ['1: was removed']],
    ['no words', '<p class="lead">{n} × {m}, {on === "yes" ? t.yes : t.no} —</p><input name="language" />', []],
  ]) {
    await t.test(`it finds ${name}`, () => assert.deepEqual(literals(source), want));
  }
});
