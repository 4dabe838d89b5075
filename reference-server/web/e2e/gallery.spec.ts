// The gallery: screens with made-up people, in both languages, narrow and wide, light and dark, clean for
// axe and within the edges. `cargo xtask gallery` keeps the pictures in `docs/gallery`.

import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { expect, test as base } from "@playwright/test";
import { createServer } from "vite";

import { expectFlawless } from "./support/flawless";
import { SCREENS } from "./support/screens";

const SIZES = [
  { width: 360, height: 740 },
  { width: 1440, height: 900 },
];
/** Where pictures are kept; nowhere when they are only looked at. */
const KEPT = process.env["CONF_GALLERY"];

const test = base.extend<object, { stories: string }>({
  stories: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = await createServer({ server: { host: "127.0.0.1", port: 0, strictPort: false, proxy: {} }, logLevel: "error" });
      await server.listen();
      const url = server.resolvedUrls?.local[0];
      if (url === undefined) throw new Error("the stories are served nowhere");
      await use(`${url}stories`);
      await server.close();
    },
    { scope: "worker" },
  ],
});

/** What is operated and reaches over the edge of the page, or of the panel it stands in; tabs and tables are scrolled. */
function cutOff(): string[] {
  const operated = [...document.querySelectorAll<HTMLElement>("button:not([role=tab], th *), select, textarea, input")];
  const over = operated.filter((one) => {
    const { left, right, width } = one.getBoundingClientRect();
    const around = (one.closest("aside, dialog") ?? document.documentElement).getBoundingClientRect();
    return width > 1 && (left < around.left || right > around.right);
  });
  return over.map((one) => one.dataset["testid"] ?? one.outerHTML.slice(0, 80));
}

for (const lang of ["de", "en"] as const) {
  test(`every screen of the gallery: ${lang}`, async ({ browser, stories }) => {
    test.setTimeout(300_000);
    if (KEPT !== undefined) mkdirSync(KEPT, { recursive: true });
    for (const viewport of SIZES) {
      // Each language sees each width in another light, so that all four are looked at.
      const dark = (lang === "de") === (viewport.width === 360);
      const context = await browser.newContext({
        viewport,
        colorScheme: dark ? "dark" : "light",
        reducedMotion: "reduce",
        locale: lang === "de" ? "de-DE" : "en-GB",
      });
      const page = await context.newPage();
      for (const { story, ready } of SCREENS) {
        const name = `${story}-${lang}-${viewport.width}`;
        await page.goto(`${stories}?story=${story}&lang=${lang}`);
        // The stage, which a narrow page has behind a panel, may have it too.
        await expect(page.locator(ready).filter({ visible: true }).first(), name).toBeVisible();
        await page.evaluate(() => document.fonts.ready);
        await page.waitForFunction(() => [...document.querySelectorAll("video")].every((video) => video.readyState > 1));
        if (KEPT !== undefined) {
          await page.screenshot({ path: join(KEPT, `${name}.jpg`), type: "jpeg", quality: 70 });
        }
        await expectFlawless(page, name);
        expect(await page.evaluate(cutOff), `${name} cuts off what is operated`).toEqual([]);
      }
      await context.close();
    }
  });
}
