// Takes a picture of the console's first page into the file that PICTURE names; the rest as in browser.mjs.
import { signedIn } from './browser.mjs';

await signedIn(async (page) => {
  await page.waitForTimeout(7000); // every screen's first picture has come
  await page.screenshot({ path: process.env.PICTURE });
});
