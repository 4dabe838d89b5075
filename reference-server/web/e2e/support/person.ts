// One person in a browser context of their own, and what must never happen on their page.

import type { Browser, BrowserContext, Page } from "@playwright/test";
import { expect } from "@playwright/test";

import { sendThrough } from "./shaper";

/** Wraps RTCPeerConnection before the page's code runs, so that tests can read its statistics. */
export function keepConnections(): void {
  const kept: RTCPeerConnection[] = [];
  const Original = window.RTCPeerConnection;
  Object.defineProperty(window, "__kept", { value: kept });
  window.RTCPeerConnection = new Proxy(Original, {
    construct(target, args: [RTCConfiguration?]) {
      const connection = new target(...args);
      kept.push(connection);
      return connection;
    },
  });
  document.addEventListener("securitypolicyviolation", (event) => {
    console.error(`CSP violation: ${event.violatedDirective} ${event.blockedURI}`);
  });
}

export class Person {
  /** Console errors, page errors and requests to other origins; must stay empty. */
  readonly faults: string[] = [];
  /** Set while server or network is deliberately away: failed connections are then expected. */
  serverAway = false;

  private constructor(
    readonly name: string,
    readonly page: Page,
    private readonly context: BrowserContext,
  ) {}

  static async open(
    browser: Browser,
    name: string,
    link: string,
    options: {
      locale?: string;
      width?: number;
      height?: number;
      scheme?: "light" | "dark";
      /** The server says no on purpose: the browser writes that down as an error. */
      refused?: boolean;
      /** Runs in the page before its own code. */
      first?: () => void;
      /** The port of the link its media goes through (`shaper.ts`). */
      through?: number;
    } = {},
  ): Promise<Person> {
    const context = await browser.newContext({
      locale: options.locale ?? "en-GB",
      viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
      colorScheme: options.scheme ?? "light",
      permissions: ["camera", "microphone"],
      // In the stories with networks the server has signed its own certificate.
      ignoreHTTPSErrors: link.startsWith("https:"),
    });
    const page = await context.newPage();
    const person = new Person(name, page, context);
    const origin = new URL(link).origin;
    page.on("console", (message) => {
      if (message.type() !== "error") return;
      if (person.serverAway && /WebSocket|net::ERR_|Failed to load/.test(message.text())) return;
      if (options.refused === true && /status of 4\d\d/.test(message.text())) return;
      person.faults.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => person.faults.push(`error: ${error.message}`));
    page.on("request", (request) => {
      const url = new URL(request.url());
      const local = url.protocol === "blob:" || url.protocol === "data:";
      if (!local && url.host !== new URL(origin).host) person.faults.push(`asked ${url.host}`);
    });
    await page.addInitScript(keepConnections);
    if (options.first) await page.addInitScript(options.first);
    if (options.through !== undefined) await page.addInitScript(sendThrough, options.through);
    await page.goto(link);
    return person;
  }

  /** Fills in the join page and enters; microphone and camera as wished. */
  async join(media: { camera?: boolean; microphone?: boolean } = {}): Promise<void> {
    const { page } = this;
    await this.prepare(media);
    await page.evaluate(() => {
      const remote = '[data-testid=tile][data-own="false"] video';
      const watch = setInterval(() => {
        const videos = [...document.querySelectorAll<HTMLVideoElement>(remote)];
        if (!videos.some((v) => v.getVideoPlaybackQuality().totalVideoFrames > 0)) return;
        performance.mark("first-remote-frame");
        clearInterval(watch);
      }, 10);
      const clicked = (): void => void performance.mark("join-clicked");
      document.querySelector("[data-testid=join-button]")?.addEventListener("click", clicked);
    });
    await page.getByTestId("join-button").click();
    await expect(page.getByTestId("leave")).toBeVisible();
  }

  /** Like `join`, but only as far as the lobby. */
  async knock(media: { camera?: boolean; microphone?: boolean } = {}): Promise<void> {
    await this.prepare(media);
    await this.page.getByTestId("join-button").click();
    await expect(this.page.getByTestId("lobby")).toBeVisible();
  }

  private async prepare(media: { camera?: boolean; microphone?: boolean }): Promise<void> {
    await this.page.getByTestId("join-name").fill(this.name);
    if (media.microphone ?? true) await this.page.getByTestId("join-mic").click();
    if (media.camera ?? true) await this.page.getByTestId("join-camera").click();
  }

  /** Milliseconds from the click on join to the first remote frame shown; waits for it. */
  async firstFrameAfter(): Promise<number> {
    const took = (): Promise<number> =>
      this.page.evaluate(() => {
        const at = (name: string) => performance.getEntriesByName(name)[0]?.startTime ?? NaN;
        return Math.round(at("first-remote-frame") - at("join-clicked"));
      });
    await expect.poll(took).toBeGreaterThan(0);
    return took();
  }

  /** The tile that shows `name`'s source. */
  tile(name: string, source = "camera") {
    return this.page.locator(`[data-testid=tile][data-name="${name}"][data-source=${source}]`);
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  /** Fails with what happened on the page that must not. */
  expectNoFaults(): void {
    expect(this.faults, `on ${this.name}'s page`).toEqual([]);
  }
}
