// A person in a stock Firefox. Playwright cannot drive one, so this goes by puppeteer and BiDi.

import { existsSync } from "node:fs";

import { expect } from "@playwright/test";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

import { type Picture, sample } from "./media";
import { keepConnections } from "./person";

export class FirefoxPerson {
  /** Errors of the page and of its console; must stay empty. */
  readonly faults: string[] = [];

  private constructor(
    readonly name: string,
    readonly page: Page,
    private readonly browser: Browser,
  ) {}

  static async open(name: string, link: string): Promise<FirefoxPerson> {
    const program = process.env["CONF_FIREFOX"] ?? "/usr/bin/firefox-esr";
    if (!existsSync(program)) throw new Error(`no Firefox at ${program}`);
    const browser = await puppeteer.launch({
      browser: "firefox",
      executablePath: program,
      headless: true,
      acceptInsecureCerts: true,
      defaultViewport: { width: 1280, height: 800 },
      extraPrefsFirefox: {
        "media.navigator.streams.fake": true,
        "media.navigator.permission.disabled": true,
        "media.autoplay.default": 0,
        "media.autoplay.blocking_policy": 0,
        "intl.accept_languages": "en-GB",
      },
    });
    const page = await browser.newPage();
    const person = new FirefoxPerson(name, page, browser);
    page.on("console", (message) => {
      if (message.type() === "error") person.faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => person.faults.push(`error: ${String(error)}`));
    await page.evaluateOnNewDocument(keepConnections);
    await page.goto(link);
    return person;
  }

  /** Fills in the join page and enters with camera and microphone. */
  async join(): Promise<void> {
    await this.press("join-name");
    await this.page.keyboard.type(this.name);
    await this.press("join-mic");
    await this.press("join-camera");
    await this.press("join-button");
    await this.page.waitForSelector("[data-testid=leave]", { visible: true, timeout: 20_000 });
  }

  async press(testid: string): Promise<void> {
    const selector = `[data-testid="${testid}"]:not([disabled])`;
    await this.page.waitForSelector(selector, { visible: true, timeout: 20_000 });
    await this.page.click(selector);
  }

  /** What `name`'s camera tile shows; nothing decoded is an empty picture. */
  async picture(name: string): Promise<Picture> {
    const tile = `[data-testid=tile][data-name="${name}"][data-source=camera] video`;
    await this.page.waitForSelector(tile, { timeout: 20_000 });
    return this.page.$eval(tile, sample);
  }

  async leave(): Promise<void> {
    await this.browser.close();
  }

  /** Fails with what happened on the page that must not. */
  expectNoFaults(): void {
    expect(this.faults, `on ${this.name}'s page`).toEqual([]);
  }
}
