// The screens that the tests of a wall look at: virtual displays of this machine, on which real players draw.
//
//   ANTEROOM_WALLS  each by its id, its display and its player's directory with spaces between; commas between them
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './browser.mjs';

const run = promisify(execFile);
const walls = new Map((process.env.ANTEROOM_WALLS ?? '').split(',').filter(Boolean).map((wall) => {
  const [screen, display, directory] = wall.split(' ');
  return [screen, { display, directory }];
}));

/** Why these tests cannot run here; false if they can. */
export const noWalls = walls.size ? false : 'ANTEROOM_WALLS names no wall';

/** How much of a screen's glass has a colour, in the hundredths of it; what scaling does to a colour is allowed for. */
async function percent(screen, colour) {
  const { display } = walls.get(screen);
  const { stdout } = await run('import', ['-display', display, '-window', 'root', '-depth', '8', 'rgb:-'], { encoding: 'buffer', maxBuffer: 1 << 25 });
  let same = 0;
  for (let at = 0; at < stdout.length; at += 3) if (colour.every((c, n) => Math.abs(stdout[at + n] - c) <= 6)) same++;
  return (300 * same) / stdout.length;
}

/** Whether so much of a screen's glass has a colour now, from least to most hundredths. */
export async function looks(screen, colour, [least, most]) {
  const got = await percent(screen, colour);
  return got >= least && got <= most;
}

/** Waits until so much of a screen's glass has a colour, from least to most hundredths. */
export async function shows(screen, colour, [least, most]) {
  let got;
  await eventually(`of the glass of ${screen} ${least} to ${most} hundredths are ${colour}`, async () => {
    got = await percent(screen, colour);
    return got >= least && got <= most;
  }).catch((error) => assert.fail(`${error.message}; it is ${got}`));
}

/** The file that a screen's player keeps of one of some assets. */
export async function kept(screen, assets) {
  const root = join(walls.get(screen).directory, 'cache', 'assets');
  const names = assets.map((a) => a.digest.slice(4));
  const file = (await readdir(root, { recursive: true })).find((path) => names.some((name) => path.includes(name)));
  assert.ok(file, `the player of ${screen} keeps none of ${names}`);
  return join(root, file);
}
