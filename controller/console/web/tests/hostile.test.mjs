// Whatever people write is text, and stays text: a corpus of texts that mean harm is put into every text of every body
// that the API takes, as its own description lists them, and then every page is opened.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ask, base, cannot, shoot, signedIn } from './browser.mjs';
import { Bodies, corpus, everything } from './hostile.mjs';
import { places } from './places.mjs';

/** Bodies to begin with, where the first document of the list is none. */
const good = {
  'POST /api/v1/slides': { template: 'notice', language: 'en', title: 'x', text: 'x', brand: { name: 'x', background: '#0b3d4c', ink: '#ffffff', accent: '#f2b366' } },
  'POST /api/v1/takeovers': { severity: 1, minutes: 60, targets: [{ all: true }], slides: [{ language: 'en', title: 'x', text: 'x' }] },
  'POST /api/v1/me/tokens': { name: 'x', expires: new Date(Date.now() + 864e5).toISOString(), read_only: true },
};
good['POST /api/v1/slides/preview'] = good['POST /api/v1/slides'];

/** Texts that must have been written, so that this test does not pass because everything was refused. */
const written = [
  'sites name', 'departments name', 'closures name', 'screens name', 'items title', 'items sponsor', 'playlists name', 'windows name', 'users full_name',
  'organisation name', 'slides title', 'slides text', 'takeovers slides.0.title', 'me/tokens name',
];

/** Names that a page reads from its address. */
const asks = [
  'search', 'department', 'state', 'as', 'screen', 'item', 'language', 'of', 'view', 'at', 'date', 'by', 'next', 'q', 'phase', 'layer', 'topic', 'kind', 'validity', 'sponsor', 'campaign', 'captions',
];

/** What the sources read by name from an address. */
function read() {
  const sources = new URL('../src/', import.meta.url);
  const files = readdirSync(sources, { recursive: true }).filter((file) => /\.(svelte|ts)$/.test(file));
  return files.flatMap((file) => [...readFileSync(new URL(file, sources), 'utf8').matchAll(/query\.get\('(\w+)'\)/g)].map(([, name]) => name));
}

/** Asks the API as the person in the browser does, but from here. */
async function sender(page) {
  const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(base + path, { method, headers: { Cookie: cookie, Origin: base, 'Content-Type': 'application/json', ...headers }, body: typeof body === 'object' ? JSON.stringify(body) : body });
    const text = await answer.text();
    assert.ok(answer.status < 500, `${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    assert.doesNotMatch(answer.headers.get('content-type') ?? '', /html|svg|script/, `${method} ${path.slice(0, 99)} answers with nothing that a browser runs`);
    return { ok: answer.ok, text };
  };
}

/** Writes bodies of one change of the API. */
class Change {
  #n = 0;

  constructor(send, bodies, { method, path, schema }) {
    Object.assign(this, { send, bodies, method, path, schema, name: path.replace('/api/v1/', '').replace('/{id}', '') });
  }

  /** What it is tried with, or nothing if there is no such thing. */
  async base() {
    const known = good[`${this.method} ${this.path}`];
    if (known || this.method !== 'PUT') return known ?? this.bodies.sample(this.schema);
    const { ok, text } = await this.send('GET', this.path.replace(/\/{\w+}/, ''));
    if (!ok) return undefined;
    const got = JSON.parse(text);
    const first = got.items ? got.items[0] : got;
    return first && { ...first, revision: 0 };
  }

  /** Sends a body; a document is a new one. */
  async try(body) {
    const id = `hostile-${this.#n}`;
    const one = !this.path.includes('{');
    let headers = {};
    if (this.method === 'PUT' && one) headers = { 'If-Match': `"${JSON.parse((await this.send('GET', this.path)).text).revision}"` };
    else if (this.method === 'PUT') headers = { 'If-None-Match': '*' };
    const whole = 'id' in body ? { ...body, id } : body;
    const { ok, text } = await this.send(this.method, this.path.replace(/{\w+}/, id), this.name === 'users' ? { ...whole, name: id, password: 'not a word of anybody' } : whole, headers);
    if (ok) this.#n++;
    return { ok, text };
  }

  /** Which of its texts may say anything. */
  async free(body) {
    const all = this.bodies.texts(this.schema).filter((path) => path.at(-1) !== 'id' && !['password', 'old'].includes(path.at(-1)));
    const free = [];
    for (const path of all) if ((await this.try(this.bodies.with(body, this.schema, path, 'Plain words'))).ok) free.push(path);
    for (const path of all.filter((one) => !free.includes(one))) await this.try(this.bodies.with(body, this.schema, path, everything));
    return free;
  }

  /** Writes a text wherever it is taken, and gives the places. */
  async spread(body, paths, text) {
    const together = paths.reduce((all, path) => this.bodies.with(all, this.schema, path, text), body);
    if ((await this.try(together)).ok) return paths;
    const taken = [];
    let so = body;
    for (const path of paths) {
      const more = this.bodies.with(so, this.schema, path, text);
      if (!(await this.try(more)).ok) continue;
      so = more;
      taken.push(path);
    }
    return taken;
  }
}

/** Puts the corpus into every text, and gives the places that took any of it. */
async function write(page) {
  const send = await sender(page);
  const bodies = new Bodies(await ask(page, '/api/openapi.json'));
  const took = new Set();
  await Promise.all(bodies.changes().map(async (one) => {
    const change = new Change(send, bodies, one);
    const body = await change.base();
    if (!body) return;
    const free = await change.free(body);
    // Who signs in costs a processor, so that few users are made.
    for (const text of change.name === 'users' ? corpus.slice(0, 2) : corpus) {
      for (const path of await change.spread(body, free, text)) took.add(`${change.name} ${path.join('.')}`);
    }
  }));
  for (const name of corpus) await send('POST', `/api/v1/uploads?name=${encodeURIComponent(name.toWellFormed())}`, name, { 'Content-Type': 'application/octet-stream' });
  return took;
}

/** What a page has that no text may become. */
const foreign = () => [...document.querySelectorAll('*')].flatMap((e) => {
  const addresses = ['href', 'src', 'action', 'formaction', 'srcdoc', 'data', 'poster'].map((name) => e.getAttribute(name)).filter((a) => a !== null);
  const bad = e.localName === 'x-hostile' || e.localName === 'iframe' || [...e.attributes].some((a) => a.name.startsWith('on'))
    || addresses.some((a) => !['http:', 'https:', 'blob:'].includes(new URL(a, location.href).protocol) || new URL(a, location.href).host === 'hostile.example');
  return bad ? [e.outerHTML.slice(0, 200)] : [];
});

/** Whether a text can be read on a page, in its fields too. */
const reads = (text) => [document.body.innerText, ...[...document.querySelectorAll('input, textarea, option')].map((e) => e.value + e.textContent)].some((t) => t.includes(text));

test('texts that mean harm are shown as texts', { skip: cannot }, async (t) => {
  await signedIn(async (page) => {
    const ran = [];
    await page.exposeFunction('sentinel', () => ran.push(page.url()));
    page.on('dialog', (dialog) => { ran.push(`a dialog on ${page.url()}`); void dialog.dismiss(); });
    const took = await write(page);
    for (const place of written) assert.ok(took.has(place), `nothing was taken for ${place}, only for ${[...took].join(', ')}`);
    const shows = new Set(['/', '/library', '/playlists', '/schedule', '/hospital', '/takeover']);
    const ids = [0, 1].map((n) => `hostile-${n}`);
    const about = ['screens', 'library', 'playlists', 'schedule', 'closures', 'departments', 'review'].flatMap((of) => ids.map((id) => `/${of}/${id}`));
    const asked = encodeURIComponent(everything);
    assert.deepEqual(read().filter((name) => !asks.includes(name)), [], 'what pages read from their addresses is tried');
    const query = new URLSearchParams(asks.map((name) => [name, everything]));
    const all = (await places(page)).map(([, path]) => path);
    const paths = [...shows, ...all, ...about, ...all.map((path) => `${path.split('?')[0]}?${query}#${asked}`), `/${asked}`, `/screens/${asked}`, `/sign-in?next=${asked}`];
    for (const path of new Set(paths)) {
      await t.test(path.slice(0, 40), async () => {
        await page.goto(base + path);
        await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.waiting, .ghost'));
        if (shows.has(path)) await page.waitForFunction(reads, '<x-hostile');
        assert.deepEqual(await page.evaluate(foreign), []);
        assert.deepEqual(ran, []);
        await shoot(page, `hostile${path.replace(/\W+/g, '-').slice(0, 30)}`);
      });
    }
  });
});
