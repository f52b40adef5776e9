// Measures how long each page takes from its address until somebody can use it, at a large hospital's controller whose ids
// BenchmarkThousandsInChromium of cmd/fleet makes. Says of each page the milliseconds of ANTEROOM_ROUNDS times, or 5, in their order,
// those that its thread had a processor, and what it fetched. ANTEROOM_PAGES names the only ones to measure, by path with commas.
import { base, signedIn } from './browser.mjs';

const rounds = Number(process.env.ANTEROOM_ROUNDS ?? 5);

/** What is there when a page can be used, besides its heading and no placeholder. */
const pages = {
  '/': '[data-line] a',
  '/library': '.page article a',
  '/library/item-00100': 'main input',
  '/playlists': 'main li a, main article a',
  '/playlists/loop-007': 'main input',
  '/schedule': 'main a[href^="/schedule/"]',
  '/schedule/window-0007': 'main input',
  '/calendar?of=department%3Adepartment-07': 'main select',
  '/review': 'main h2',
  '/publish': 'main input[type=checkbox]',
  '/takeover': 'main button',
  '/reports': 'main table, main svg',
  '/coverage': 'main table',
  '/people': 'main tbody a, main li a',
  '/audit': 'main tbody tr, main li',
  '/hospital': 'main a[href^="/departments/"]',
  '/departments/department-07': 'main input',
  '/pair': 'main input',
  '/settings/tags': 'main li, main tbody tr',
  '/screens/cardiology-00007': 'main h1',
};

/** Notes in the page when it can be used: what is wanted stands there, and has been drawn. */
function note(wanted) {
  const there = () => document.querySelector('h1') && !document.querySelector('.waiting, .ghost') && document.querySelector(wanted);
  const look = new MutationObserver(() => {
    if (!there()) return;
    look.disconnect();
    requestAnimationFrame(() => setTimeout(() => (globalThis.usableAfter = performance.now())));
  });
  look.observe(document, { childList: true, subtree: true, attributes: true });
}

/** How long the page's own thread has had a processor, in milliseconds. */
async function used(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return 1000 * metrics.find((m) => m.name === 'TaskDuration').value;
}

async function measure(page, path, wanted) {
  const took = [];
  const busy = [];
  let bytes = 0;
  for (let n = 0; n <= rounds; n++) { // the first is left out: what it fetches, the browser keeps
    const own = await page.context().newPage();
    const devtools = await page.context().newCDPSession(own);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    await own.addInitScript(note, wanted);
    await own.goto(base + path, { waitUntil: 'commit' });
    await own.waitForFunction(() => globalThis.usableAfter, undefined, { polling: 50 });
    if (n) {
      took.push(await own.evaluate(() => globalThis.usableAfter));
      busy.push(await used(devtools));
      bytes = await own.evaluate(() => performance.getEntriesByType('resource').reduce((sum, e) => sum + e.encodedBodySize, 0));
    }
    await own.close();
  }
  const sorted = (all) => all.map(Math.round).sort((a, b) => a - b);
  console.log(`${path.padEnd(40)} ${sorted(took).join(' ').padEnd(30)} busy ${sorted(busy).join(' ')}, ${Math.round(bytes / 1000)} kB`);
}

await signedIn(async (page) => {
  const only = process.env.ANTEROOM_PAGES?.split(',');
  for (const [path, wanted] of Object.entries(pages)) if (!only || only.includes(path)) await measure(page, path, wanted);
});
