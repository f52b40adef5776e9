// Documents that a test makes and takes away, as the page's own session may.
import assert from 'node:assert/strict';
import { ask } from './browser.mjs';

/** Makes a document, "closures/holidays". */
export async function make(page, path, document) {
  const status = await page.evaluate(async ([to, body]) =>
    (await fetch(to, { method: 'PUT', headers: { 'Content-Type': 'application/json', 'If-None-Match': '*' }, body })).status, [`/api/v1/${path}`, JSON.stringify({ revision: 0, ...document })]);
  assert.equal(status, 200, `${path} is made`);
}

/** Takes a document away, whatever its revision is. */
export async function takeAway(page, path) {
  const { revision } = await ask(page, `/api/v1/${path}`);
  const status = await page.evaluate(async ([of, match]) => (await fetch(of, { method: 'DELETE', headers: { 'If-Match': match } })).status, [`/api/v1/${path}`, `"${revision}"`]);
  assert.equal(status, 204, `${path} is removed`);
}
