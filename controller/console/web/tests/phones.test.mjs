// Task 20: scan, read on the phone, tap "helpful", ask for children's asthma, tick three questions for the doctor. No trace left.
//
//   ANTEROOM_PHONES  what codes on screens say: addresses of the demo's questions about vaccines, one for each phone
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import { accessibilityFaults, flags, patience, tabTo } from './browser.mjs';

const addresses = (process.env.ANTEROOM_PHONES ?? '').split(',').filter(Boolean);
const cannot = addresses.length > 0 ? false : 'ANTEROOM_PHONES names no address';
const log = join(tmpdir(), `anteroom-net-${process.pid}.json`);

/** What people see in the language of their phone. */
const languages = [
  {
    locale: 'ar', lang: 'ar', dir: 'rtl', title: 'أسئلة عن اللقاحات', questions: ['ما اللقاحات المستحقة الآن؟', 'ماذا قد يحدث بعد التطعيم؟', 'ماذا لو كان طفلي مصابًا بالزكام اليوم؟'],
    yes: 'نعم', thanks: 'شكرًا على إجابتك.', asthma: 'الربو عند الأطفال', send: 'أرسل', asked: 'شكرًا لك. نحن ننظر فيما يطلبه الناس.',
  },
  {
    locale: 'zh-CN', lang: 'zh-Hans', dir: 'ltr', title: '关于疫苗的问题', questions: ['现在该接种哪些疫苗？', '接种后可能会怎样？', '孩子今天感冒了怎么办？'],
    yes: '有', thanks: '谢谢您的回答。', asthma: '儿童哮喘', send: '发送', asked: '谢谢。我们会参考大家想了解的内容。',
  },
  {
    locale: 'en-US', lang: 'en', dir: 'ltr', title: 'Questions about vaccines', questions: ['Which vaccines are due now?', 'What may happen afterwards?', 'What if my child has a cold today?'],
    yes: 'Yes', thanks: 'Thank you for your answer.', asthma: 'Asthma', send: 'Send', asked: 'Thank you. We look at what people ask for.',
  },
  {
    locale: 'es-MX', lang: 'es', dir: 'ltr', title: 'Preguntas sobre las vacunas', questions: ['¿Qué vacunas tocan ahora?', '¿Qué puede pasar después?', '¿Y si hoy está resfriado?'],
    yes: 'Sí', thanks: 'Gracias por su respuesta.', asthma: 'Asma', send: 'Enviar', asked: 'Gracias. Tomamos en cuenta lo que la gente pide.',
  },
];

const finger = {
  how: 'with a finger',
  press: (page, selector) => page.locator(selector).first().tap(),
  tick: (page, text) => page.locator('label', { hasText: text }).tap(),
  choose: (page, text) => page.locator('label', { hasText: text }).tap(),
};

const keyboard = {
  how: 'by keyboard alone',
  async press(page, selector) {
    await tabTo(page, selector);
    await page.keyboard.press('Enter');
  },
  async tick(page, text) {
    await tabTo(page, `input[value="${text}"]`);
    await page.keyboard.press('Space');
  },
  async choose(page, text) {
    await tabTo(page, 'input[name=topic]');
    await page.keyboard.press('Space');
    for (let n = 0; n < 10; n++) {
      if (await page.evaluate((t) => document.activeElement.closest('label').innerText.trim() === t, text)) return;
      await page.keyboard.press('ArrowDown');
    }
    assert.fail(`“${text}” is not among the topics`);
  },
};

let browser;
/** The pages on which no script runs. */
const bare = new WeakSet();
after(async () => {
  await browser?.close();
  rmSync(log, { force: true });
});

/** Runs a test with a phone of its own, which nobody has used, behind a network of its own; and sees what it asks of whom. */
async function withPhone({ n, locale, script }, work) {
  browser ??= await chromium.launch({ executablePath: process.env.ANTEROOM_CHROMIUM ?? '/usr/bin/chromium', args: [...flags, `--log-net-log=${log}`] });
  const context = await browser.newContext({
    viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2, locale, javaScriptEnabled: script,
    extraHTTPHeaders: { 'X-Forwarded-For': `198.51.${n}.7` }, // as the proxy before the controller says
  });
  try {
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    if (!script) bare.add(page);
    const asked = [];
    page.on('request', (request) => asked.push(request));
    await work(page, context, asked);
    for (const request of asked) {
      assert.equal(new URL(request.url()).origin, new URL(addresses[0]).origin, 'a request leaves the controller');
      const headers = await request.allHeaders();
      assert.ok(!headers.cookie && !headers.referer, `${request.url()} says who asks`);
      const answer = await request.response();
      assert.equal((await answer.allHeaders())['set-cookie'], undefined, `${request.url()} sets a cookie`);
    }
  } finally {
    await context.close();
  }
}

/** Looks at the page in both widths: nothing wrong for anybody, nothing cut off, and each line of a choice beside its box. */
async function good(page, { dir, lang }) {
  const looker = await scripted(page);
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 844 });
    await looker.setViewportSize({ width, height: 844 });
    assert.deepEqual(await accessibilityFaults(looker), [], `${page.url()} at ${width}`);
    const seen = await page.evaluate(() => {
      const lines = [...document.querySelectorAll('.cards span, .pick span')].flatMap((of) => {
        const words = document.createRange();
        words.selectNodeContents(of);
        return [...words.getClientRects()].map((line) => ({ left: line.left - of.getBoundingClientRect().left, right: of.getBoundingClientRect().right - line.right }));
      });
      return { wide: document.documentElement.scrollWidth > innerWidth, dir: document.documentElement.dir, lang: document.documentElement.lang, lines };
    });
    assert.deepEqual([seen.wide, seen.dir, seen.lang], [false, dir, lang], `${page.url()} at ${width}`);
    for (const line of seen.lines) assert.ok(Math.abs(dir === 'rtl' ? line.right : line.left) < 2, `a line stands apart from its box at ${width}: ${JSON.stringify(line)}`);
  }
  await page.setViewportSize({ width: 390, height: 844 });
  if (looker !== page) await looker.context().close();
}

/** The page where scripts run: axe-core needs them. What has none is shown again as it is in a browser that has, without its own. */
async function scripted(page) {
  if (!bare.has(page)) return page;
  const context = await browser.newContext({ viewport: page.viewportSize(), isMobile: true, hasTouch: true });
  const again = await context.newPage();
  const [body, url] = [await page.content(), page.url()];
  await again.route((to) => to.href === url, (route) => route.fulfill({ body, contentType: 'text/html; charset=utf-8' }));
  await again.route('**/voice.js', (route) => route.abort());
  await again.goto(url);
  return again;
}

/** How many bytes a page has with all that belongs to it. */
async function weight(asked) {
  const sizes = await Promise.all(asked.map((request) => request.sizes()));
  return sizes.reduce((sum, size) => sum + size.responseBodySize, 0);
}

/** What the phone keeps of it all. */
async function traces(page, context) {
  const { cookies, origins } = await context.storageState({ indexedDB: true });
  const here = await page.evaluate(() => ({ local: { ...localStorage }, session: { ...sessionStorage }, cookie: document.cookie }));
  return { cookies, origins: origins.map((o) => o.localStorage), ...here };
}

const none = { cookies: [], origins: [], local: {}, session: {}, cookie: '' };
const ticked = (page) => page.locator('input[type=checkbox]').evaluateAll((all) => all.filter((box) => box.checked).map((box) => box.value));

/** With scripts the phone keeps what its owner wants it to, until they want it no more. */
async function keepsAndForgets(page, context, hand, says) {
  for (const question of says.questions) await hand.tick(page, question);
  assert.deepEqual(await traces(page, context), none, 'ticks alone are kept nowhere');
  await hand.press(page, '[data-do=keep]');
  await page.locator('[data-do=forget]').waitFor();
  await good(page, says);
  const { local, ...others } = await traces(page, context);
  assert.deepEqual([Object.keys(local), JSON.parse(local['anteroom-questions'])], [['anteroom-questions'], says.questions]);
  assert.deepEqual({ ...others, origins: [] }, (({ local: _, ...rest }) => rest)(none));
  await page.reload();
  assert.deepEqual(await ticked(page), says.questions, 'they are there when the page is opened again');
  await hand.press(page, '[data-do=forget]');
  await page.locator('[data-do=keep]').waitFor();
}

/** Without, it is a page to print, with boxes to fill in by pen. */
async function prints(page, says) {
  assert.equal(await page.locator('.kept').isVisible(), false, 'what needs scripts is not offered');
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('form').first().isVisible(), false, 'buttons are printed');
  for (const question of says.questions) await page.locator('li', { hasText: question }).locator('input').waitFor();
  assert.deepEqual(await ticked(page), []);
  assert.ok((await page.pdf()).length > 1000, 'it can be printed');
  await page.emulateMedia({ media: null });
}

let n = 0;
for (const says of languages) {
  for (const script of [true, false]) {
    for (const hand of [finger, keyboard]) {
      const mine = n++;
      test(`task 20 ${hand.how}, in ${says.lang}, ${script ? 'with' : 'without'} JavaScript`, { skip: cannot }, async () => {
        await withPhone({ n: mine, locale: says.locale, script }, async (page, context, asked) => {
          const begun = Date.now();
          await page.goto(addresses[mine]);
          await page.locator(`article[lang="${says.lang}"][dir="${says.dir}"] h1`, { hasText: says.title }).waitFor();
          await page.waitForLoadState();
          assert.ok((await weight(asked)) <= 30 * 1024, 'the page is heavier than 30 KB');
          await good(page, says);

          await hand.press(page, 'button[value=yes]');
          await page.getByRole('status').filter({ hasText: says.thanks }).waitFor();
          await good(page, says);
          if (script) await keepsAndForgets(page, context, hand, says);
          else await prints(page, says);

          await hand.choose(page, says.asthma);
          await hand.press(page, 'form[action]:has(input[name=topic]) button');
          await page.getByRole('status').filter({ hasText: says.asked }).waitFor();
          await good(page, says);
          console.log(`done in ${Date.now() - begun} ms`);
          assert.ok(Date.now() - begun < 60_000, 'it takes more than a minute');
          assert.deepEqual(await traces(page, context), none, 'the phone keeps something');
        });
      });
    }
  }
}

test('the browser’s own log of the network has no request of a page to anybody but the controller', { skip: cannot }, async () => {
  await browser.close(); // its log is whole then
  browser = undefined;
  const { constants, events } = JSON.parse(readFileSync(log, 'utf8'));
  const started = events.filter((e) => e.type === constants.logEventTypes.URL_REQUEST_START_JOB && e.params?.url);
  // What the browser asks for its makers has no initiator; what a page has it ask for is the page's origin's.
  const hosts = started.filter((e) => e.params.initiator?.includes('://')).map((e) => new URL(e.params.url).host);
  const controller = new URL(addresses[0]).host;
  assert.ok(hosts.length > 5 * addresses.length, 'the log has few of the requests');
  assert.deepEqual(hosts.filter((host) => host !== controller), []);
});
