// A voice without noise and a background that is blurred, both on the device itself: what the other side then has.

import type { Page } from "@playwright/test";
import { readFileSync } from "node:fs";

import { beABusyCamera, beAPortrait } from "./support/camera";
import { presentedFps } from "./support/media";
import type { Person } from "./support/person";
import { expect, test } from "./support/story";

/** Runs before the page's code: the microphone hears white noise, or something like a vowel that comes and goes. */
function beAMicrophone(): void {
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (!wanted?.audio) return original(wanted);
    // "playback": the longest buffer there is, so that a busy machine makes few gaps. A microphone makes none.
    const context = new AudioContext({ sampleRate: 48_000, latencyHint: "playback" });
    const buffer = context.createBuffer(1, 48_000, 48_000);
    const samples = buffer.getChannelData(0);
    const hears = (window as unknown as { __hears?: string }).__hears ?? "noise";
    let state = 1;
    // Harmonics of 125 Hz that are loud where a mouth makes them loud, four syllables a second.
    const harmonics = Array.from({ length: 24 }, (_, n) => {
      const hertz = 125 * (n + 1);
      const near = (formant: number) => 1 / (1 + ((hertz - formant) / 120) ** 2);
      return { hertz, weight: near(700) + 0.6 * near(1220) + 0.25 * near(2600) };
    });
    for (let at = 0; at < samples.length; at += 1) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      const noise = (state / 1_073_741_824 - 1) * 0.1;
      const time = at / 48_000;
      const voice = harmonics.reduce((sum, { hertz, weight }) => sum + weight * Math.sin(2 * Math.PI * hertz * time), 0);
      samples[at] = hears === "noise" ? noise : 0.08 * voice * Math.sin(Math.PI * 4 * time) ** 2;
    }
    const loop = new AudioBufferSourceNode(context, { buffer, loop: true });
    const out = context.createMediaStreamDestination();
    loop.connect(out);
    loop.start();
    return out.stream;
  };
}

/** How loud what `page` receives is, over the next second of received sound: RMS, 1 is full scale. */
async function heard(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const look = async (): Promise<{ energy: number; seconds: number }> => {
      const kept = (window as unknown as { __kept: RTCPeerConnection[] }).__kept;
      let [energy, seconds] = [0, 0];
      for (const stat of (await kept.at(-1)?.getStats())?.values() ?? []) {
        if (stat.type !== "inbound-rtp" || stat.kind !== "audio" || !stat.packetsReceived) continue;
        energy += stat.totalAudioEnergy ?? 0;
        seconds += stat.totalSamplesDuration ?? 0;
      }
      return { energy, seconds };
    };
    const from = await look();
    let now = from;
    while (now.seconds < from.seconds + 1) {
      await new Promise((done) => setTimeout(done, 100));
      now = await look();
    }
    return Math.sqrt((now.energy - from.energy) / (now.seconds - from.seconds));
  });
}

/** Processor seconds that the page's process has used so far; workers and worklets are in it. */
async function processorSeconds(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable");
  const { metrics } = await session.send("Performance.getMetrics");
  await session.detach();
  return metrics.find((metric) => metric.name === "ProcessTime")?.value ?? NaN;
}

/** Share of one processor that the page used while `during` ran. */
async function load<R>(page: Page, during: () => Promise<R>): Promise<[number, R]> {
  const [from, start] = [await processorSeconds(page), performance.now()];
  const result = await during();
  return [((await processorSeconds(page)) - from) / ((performance.now() - start) / 1000), result];
}

/** Files of the page's own that `page` asks for from now on. */
function asked(page: Page): string[] {
  const files: string[] = [];
  page.on("request", (request) => files.push(new URL(request.url()).pathname));
  return files;
}

const choose = (page: Page, noise: string) =>
  page.getByTestId("noise").locator(`input[value=${noise}]`).evaluate((radio) => (radio as HTMLInputElement).click());

test("white noise hardly reaches the others, a voice does; nothing is loaded before, and nothing from elsewhere", async ({ server, arrive }) => {
  test.setTimeout(180_000);
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beAMicrophone });
  const files = asked(ann.page);
  await ann.join({ camera: false });
  const { page: ben } = await arrive("Ben", room.guest).then(async (person) => (await person.join({ camera: false, microphone: false }), person));
  await expect.poll(() => heard(ben)).toBeGreaterThan(0.02);
  const [plainLoad, noise] = await load(ann.page, () => heard(ben));
  expect(files.filter((file) => /rnnoise|suppressor|worklet/i.test(file))).toEqual([]);

  await ann.page.getByTestId("settings").click();
  await choose(ann.page, "strong");
  await expect(ann.page.getByTestId("noise")).toHaveAttribute("data-value", "strong");
  // The choice is shown at once.
  await expect.poll(() => files.some((file) => file.endsWith(".wasm"))).toBe(true);
  // It learns what is noise by and by, and each gap in the sound sets it back: on a machine with ten others' work, thirty seconds.
  await expect.poll(() => heard(ben), { timeout: 90_000 }).toBeLessThan(noise / 10);
  const [strongLoad, quiet] = await load(ann.page, () => heard(ben));
  console.log(`noise ${noise.toFixed(4)} -> ${quiet.toFixed(4)} RMS; page ${plainLoad.toFixed(2)} -> ${strongLoad.toFixed(2)} of a processor`);

  // A voice gets through the same way.
  await ann.page.evaluate(() => ((window as unknown as { __hears: string }).__hears = "voice"));
  await choose(ann.page, "off");
  await expect(ann.page.getByTestId("noise")).toHaveAttribute("data-value", "off");
  await expect.poll(() => heard(ben)).toBeGreaterThan(0.01);
  const voice = await heard(ben);
  await choose(ann.page, "strong");
  await expect(ann.page.getByTestId("noise")).toHaveAttribute("data-value", "strong");
  await expect.poll(() => heard(ben)).toBeGreaterThan(voice / 3);
  console.log(`voice ${voice.toFixed(4)} -> ${(await heard(ben)).toFixed(4)} RMS`);

  // Muted is silent, whatever is in between.
  await ann.page.keyboard.press("Escape");
  await ann.page.getByTestId("mic").click();
  await expect(ann.page.getByTestId("mic")).toHaveAttribute("data-state", "muted");
  await expect.poll(() => heard(ben)).toBeLessThan(0.0001);
});

test("a suppressor out of which nothing comes is left out, and that is said", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator, { first: beAMicrophone });
  // Loaded, and no program: nothing fails aloud, the worklet gives zeros for ever.
  await ann.page.route("**/*.wasm", (route) => route.fulfill({ contentType: "application/wasm", body: "nothing" }));
  await ann.page.getByTestId("device-test").locator("summary").click();
  await choose(ann.page, "strong");
  await ann.join({ camera: false });
  const { page: ben } = await arrive("Ben", room.guest).then(async (person) => (await person.join({ camera: false, microphone: false }), person));
  await expect(ann.page.getByText("strong noise suppression does not work")).toBeVisible();
  await expect.poll(() => heard(ben)).toBeGreaterThan(0.02);
});

/** A part of a picture, in shares of its sides. */
interface Part {
  left: number;
  top: number;
  width: number;
  height: number;
}
const ALL: Part = { left: 0, top: 0, width: 1, height: 1 };

/** How much neighbouring pixels of what `person` is shown of `name` differ: the mean square of the steps from left to right. */
async function grain(person: Person, name: string, part: Part = ALL): Promise<number> {
  return person.tile(name).locator("video").first().evaluate((element, { left, top, width, height }) => {
    const video = element as HTMLVideoElement;
    const [across, down] = [Math.round(video.videoWidth * width), Math.round(video.videoHeight * height)];
    const pen = new OffscreenCanvas(Math.max(across, 1), Math.max(down, 1)).getContext("2d");
    if (!pen || across === 0) return 0;
    pen.drawImage(video, -Math.round(video.videoWidth * left), -Math.round(video.videoHeight * top));
    const { data } = pen.getImageData(0, 0, across, down);
    let sum = 0;
    for (let at = 4; at < data.length; at += 4) {
      // The last pixel of a line and the first of the next are no neighbours.
      if ((at / 4) % across !== 0) sum += ((data[at + 1] ?? 0) - (data[at - 3] ?? 0)) ** 2;
    }
    return sum / (data.length / 4);
  }, part);
}

/** How many pictures `person` has been shown of `name`. */
const shown = (person: Person, name: string): Promise<number> =>
  person.tile(name).locator("video").first().evaluate((video) => (video as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames);

/** Runs before the page's code: as in Firefox, pictures go by way of canvases. */
function beWithoutInsertable(): void {
  Reflect.deleteProperty(window, "MediaStreamTrackProcessor");
}

/** Runs before the page's code: every worker can be found, to be ended from outside. */
function keepWorkers(): void {
  const kept: Worker[] = [];
  Object.defineProperty(window, "__workers", { value: kept });
  window.Worker = new Proxy(window.Worker, {
    construct(target, args: ConstructorParameters<typeof Worker>) {
      const worker = new target(...args);
      kept.push(worker);
      return worker;
    },
  });
}

/** Runs before the page's code: looks at every picture it sends ten times a second, and keeps how grainy the worst was. */
function watchSent(): void {
  const sent = { looks: 0, most: 0 };
  Object.defineProperty(window, "__sent", { value: sent });
  const videos = new Map<MediaStreamTrack, HTMLVideoElement>();
  const pen = new OffscreenCanvas(320, 320).getContext("2d", { willReadFrequently: true });
  const look = (track: MediaStreamTrack): void => {
    const video = videos.get(track) ?? document.createElement("video");
    if (!videos.has(track)) {
      videos.set(track, video);
      video.muted = true;
      video.srcObject = new MediaStream([track]);
      void video.play();
    }
    if (!pen || video.videoWidth === 0) return;
    pen.drawImage(video, 0, 0);
    const { data } = pen.getImageData(0, 0, 320, 320);
    let sum = 0;
    for (let at = 4; at < data.length; at += 4) sum += ((data[at + 1] ?? 0) - (data[at - 3] ?? 0)) ** 2;
    sent.looks += 1;
    sent.most = Math.max(sent.most, sum / (data.length / 4));
  };
  setInterval(() => {
    for (const connection of (window as unknown as { __kept: RTCPeerConnection[] }).__kept) {
      for (const { track } of connection.getSenders()) if (track?.kind === "video") look(track);
    }
  }, 100);
}

const sent = (page: Page) => page.evaluate(() => ({ ...(window as unknown as { __sent: { looks: number; most: number } }).__sent }));

for (const way of ["insertable", "drawn"] as const) {
  test(`the others no longer see the pattern behind someone: ${way}`, async ({ server, arrive }) => {
    const room = await server.room();
    const ann = await arrive("Ann", room.moderator, { first: beABusyCamera });
    if (way === "drawn") {
      await ann.page.addInitScript(beWithoutInsertable);
      await ann.page.reload();
    }
    const files = asked(ann.page);
    await ann.join({ microphone: false });
    const ben = await arrive("Ben", room.guest);
    await ben.join({ camera: false, microphone: false });
    await expect.poll(() => grain(ben, "Ann")).toBeGreaterThan(20);
    const [plainLoad] = await load(ann.page, () => presentedFps(ben.tile("Ann"), 5));
    const plain = await grain(ben, "Ann");
    expect(files.filter((file) => /blur|softened|vision|selfie/i.test(file))).toEqual([]);

    await ann.page.getByTestId("settings").click();
    await ann.page.getByTestId("blur").press("Space");
    await expect(ann.page.getByTestId("blur")).toBeChecked();
    await expect(ann.page.getByTestId("blur-strength")).toHaveAttribute("data-value", "strong");
    // An eighth of the variance: what is left are the edges of large things.
    await expect.poll(() => grain(ben, "Ann")).toBeLessThan(plain / 8);
    const [load5, fps] = await load(ann.page, () => presentedFps(ben.tile("Ann"), 5));
    const blurred = await grain(ben, "Ann");
    console.log(`${way}: grain ${plain.toFixed(1)} -> ${blurred.toFixed(2)}; page ${plainLoad.toFixed(2)} -> ${load5.toFixed(2)} of a processor; ${fps.toFixed(1)} fps`);
    expect(fps).toBeGreaterThan(0);

    await ann.page.getByTestId("blur").press("Space");
    await expect(ann.page.getByTestId("blur")).not.toBeChecked();
    await expect.poll(() => grain(ben, "Ann")).toBeGreaterThan(plain / 2);
  });
}

test("somebody stays sharp, and what is behind them does not", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const portrait = readFileSync(new URL("support/portrait.jpg", import.meta.url)).toString("base64");
  await ann.page.addInitScript(beAPortrait, `data:image/jpeg;base64,${portrait}`);
  await ann.page.reload();
  await ann.join({ microphone: false });
  const ben = await arrive("Ben", room.guest);
  await ben.join({ camera: false, microphone: false });
  const face: Part = { left: 0.44, top: 0.3, width: 0.14, height: 0.22 };
  const behind: Part = { left: 0.03, top: 0.1, width: 0.2, height: 0.5 };
  const look = async () => ({ face: await grain(ben, "Ann", face), behind: await grain(ben, "Ann", behind) });
  await expect.poll(() => grain(ben, "Ann", behind)).toBeGreaterThan(10);
  const plain = await look();

  await ann.page.getByTestId("settings").click();
  await ann.page.getByTestId("blur").press("Space");
  await expect(ann.page.getByTestId("blur")).toBeChecked();
  await expect.poll(() => grain(ben, "Ann", behind)).toBeLessThan(plain.behind / 8);
  await expect.poll(() => grain(ben, "Ann", face)).toBeGreaterThan(plain.face / 3);
  const blurred = await look();
  console.log(`face ${plain.face.toFixed(1)} -> ${blurred.face.toFixed(1)}, behind ${plain.behind.toFixed(1)} -> ${blurred.behind.toFixed(2)}`);
});

test("joining with blur sends no clear picture, and a worker that dies takes the camera with it", async ({ server, arrive }) => {
  const room = await server.room();
  const ben = await arrive("Ben", room.moderator);
  await ben.join({ camera: false, microphone: false });
  const ann = await arrive("Ann", room.guest, { first: beABusyCamera });
  await ann.page.addInitScript(keepWorkers);
  await ann.page.addInitScript(watchSent);
  await ann.page.evaluate(() => localStorage.setItem("conf.prefs", JSON.stringify({ blur: "light" })));
  await ann.page.reload();
  await ann.page.getByTestId("join-camera").click();
  await expect(ann.page.getByTestId("preview")).toBeVisible();
  await ann.page.getByTestId("join-name").fill("Ann");
  await ann.page.getByTestId("join-button").click();
  await expect(ben.tile("Ann")).toBeVisible();
  await expect.poll(() => shown(ben, "Ann")).toBeGreaterThan(20);
  const blurred = await sent(ann.page);
  expect(blurred.looks).toBeGreaterThan(10);
  expect(blurred.most).toBeLessThan(40);

  await ann.page.evaluate(() => {
    for (const worker of (window as unknown as { __workers: Worker[] }).__workers) worker.dispatchEvent(new ErrorEvent("error"));
  });
  await expect(ann.page.getByTestId("camera")).toHaveAttribute("data-state", "off");
  await expect(ann.page.getByText("nobody sees your room")).toBeVisible();
  expect((await sent(ann.page)).most).toBeLessThan(40);

  // A clear one would have been seen.
  await ann.page.getByTestId("settings").click();
  await ann.page.getByTestId("blur").press("Space");
  await expect(ann.page.getByTestId("blur")).not.toBeChecked();
  await ann.page.keyboard.press("Escape");
  await ann.page.getByTestId("camera").click();
  await expect.poll(async () => (await sent(ann.page)).most).toBeGreaterThan(60);
  console.log(`sent: grain ${blurred.most.toFixed(2)} at most, clear ${(await sent(ann.page)).most.toFixed(1)}`);
});
