// A controller that is started anew goes on with an upload; whoever waits for it must not give up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withModules } from './modules.mjs';

const begun = { id: 'u1', name: 'film.mp4', state: 'checking', percent: 0 };
const away = () => Promise.reject(new TypeError('fetch failed'));
const answer = (status, body) => () => Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json' } }));

/** Waits for an upload with the answers that the controller gives, the last for ever, in no time. */
async function waitFor(t, settled, ...answers) {
  t.mock.method(globalThis, 'fetch', () => (answers.length > 1 ? answers.shift() : answers[0])());
  t.mock.method(globalThis, 'setTimeout', (wake) => setImmediate(wake));
  try {
    return await settled(begun, () => {});
  } finally {
    t.mock.restoreAll();
  }
}

test('an upload is waited for while the controller is away', async (t) => {
  // What the modules expect of a browser when they are loaded.
  globalThis.location ??= new URL('http://controller/library');
  globalThis.history ??= { state: null, replaceState: () => {} };
  globalThis.addEventListener ??= () => {};
  await withModules(async (load) => {
    const { settled } = await load('api/upload.ts');
    const ready = answer(200, { ...begun, state: 'ready' });
    const got = await waitFor(t, settled, answer(200, begun), away, answer(502, {}), away, ready);
    assert.equal(got.state, 'ready');
    await assert.rejects(waitFor(t, settled, answer(404, { detail: 'This upload is not known.' }), ready), /not known/);
    await assert.rejects(waitFor(t, settled, away), /does not answer/);
  });
});
