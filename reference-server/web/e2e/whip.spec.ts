// Streams by plain HTTP: a page sends a picture by WHIP, another plays it by WHEP, and aiortc does
// both with the browser at the other end.

import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";

import { expect, type Page, test } from "@playwright/test";

import { Server } from "./support/server";

/** Runs in a page: sends a canvas of one colour that blinks, and a tone. */
async function publish({ url, color }: { url: string; color: string }): Promise<string> {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [320, 240];
  const pen = canvas.getContext("2d");
  let step = 0;
  setInterval(() => {
    if (!pen) return;
    pen.fillStyle = color;
    pen.fillRect(0, 0, 320, 240);
    // Something has to change, or there is nothing to send.
    pen.fillStyle = step++ % 2 ? "#000" : "#fff";
    pen.fillRect(0, 0, 16, 16);
  }, 66);
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  const sound = audio.createMediaStreamDestination();
  tone.connect(sound);
  tone.start();
  const peer = new RTCPeerConnection();
  const stream = new MediaStream([
    ...canvas.captureStream(15).getTracks(),
    ...sound.stream.getTracks(),
  ]);
  for (const track of stream.getTracks()) {
    peer.addTransceiver(track, { direction: "sendonly", streams: [stream] });
  }
  await peer.setLocalDescription();
  const headers = { "Content-Type": "application/sdp" };
  const body = peer.localDescription?.sdp ?? "";
  const answer = await fetch(url, { method: "POST", headers, body });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  Object.assign(window, { peer });
  return new URL(answer.headers.get("Location") ?? "", url).href;
}

/** Runs in a page: plays one picture and one sound into a video element. */
async function play(url: string): Promise<string> {
  const peer = new RTCPeerConnection();
  const video = document.createElement("video");
  video.autoplay = true;
  const stream = new MediaStream();
  peer.ontrack = ({ track }) => stream.addTrack(track);
  video.srcObject = stream;
  document.body.append(video);
  for (const kind of ["audio", "video"]) peer.addTransceiver(kind, { direction: "recvonly" });
  await peer.setLocalDescription();
  const headers = { "Content-Type": "application/sdp" };
  const body = peer.localDescription?.sdp ?? "";
  const answer = await fetch(url, { method: "POST", headers, body });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  Object.assign(window, { peer });
  return new URL(answer.headers.get("Location") ?? "", url).href;
}

/** Runs in a page: the colour in the middle of the picture, and how much sound came. */
async function seen(): Promise<{ pixel: number[]; energy: number }> {
  const video = document.querySelector("video");
  const { peer } = window as unknown as { peer: RTCPeerConnection };
  let energy = 0;
  for (const report of (await peer.getStats()).values()) {
    if (report.type === "inbound-rtp" && report.kind === "audio") energy += report.totalAudioEnergy;
  }
  if (!video || video.videoWidth === 0) return { pixel: [], energy };
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const pen = canvas.getContext("2d");
  pen?.drawImage(video, 0, 0);
  const middle = pen?.getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data ?? [];
  return { pixel: [...middle].slice(0, 3), energy };
}

/** Whether what a page plays is about this colour, and sounds. */
async function expectPlayed(page: Page, [red, green, blue]: [number, number, number]): Promise<void> {
  const near = (found: number | undefined, wanted: number) => Math.abs((found ?? -999) - wanted) < 40;
  await expect
    .poll(async () => {
      const { pixel, energy } = await page.evaluate(seen);
      const fits = near(pixel[0], red) && near(pixel[1], green) && near(pixel[2], blue);
      return fits && energy > 0 ? "played" : JSON.stringify({ pixel, energy });
    })
    .toBe("played");
}

function aiortc(...words: string[]): ChildProcess {
  const script = resolve("../tests/interop/aiortc_stream.py");
  const python = resolve("../../target/aiortc/bin/python");
  return spawn(python, [script, ...words], { stdio: ["pipe", "pipe", "inherit"] });
}

/** The next line of JSON a program prints. */
async function said(program: ChildProcess): Promise<Record<string, unknown>> {
  return new Promise((done, failed) => {
    program.stdout?.once("data", (bytes: Buffer) => done(JSON.parse(bytes.toString())));
    program.once("error", failed);
    program.once("exit", (code) => failed(new Error(`aiortc ended with ${code}`)));
  });
}

let server: Server;

test.beforeEach(async () => {
  server = await Server.start(["--open-rooms"]);
});

test.afterEach(async () => {
  await server.stop();
});

test("a page sends by WHIP, another plays by WHEP, and a deleted stream stops", async ({ context }) => {
  const [sender, viewer] = [await context.newPage(), await context.newPage()];
  for (const page of [sender, viewer]) await page.goto(`${server.url}/healthz`);
  const url = `${server.url}/whip/hall/cam`;
  const location = await sender.evaluate(publish, { url, color: "rgb(220, 30, 30)" });
  await viewer.evaluate(play, `${server.url}/whep/hall/wall`);
  await expectPlayed(viewer, [220, 30, 30]);
  const ended = await sender.evaluate(async (url) => (await fetch(url, { method: "DELETE" })).status, location);
  expect(ended).toBe(200);
  await expect
    .poll(async () => sender.evaluate(() => (window as unknown as { peer: RTCPeerConnection }).peer.connectionState))
    .not.toBe("connected");
});

for (const profile of ["gcm", "cm"]) {
  test(`aiortc sends to and plays from Chromium with SRTP ${profile}`, async ({ context }) => {
    const page = await context.newPage();
    await page.goto(`${server.url}/healthz`);
    const url = `${server.url}/whip/hall/page`;
    await page.evaluate(publish, { url, color: "rgb(30, 160, 60)" });
    const player = aiortc("play", `${server.url}/whep/hall/py/page`, "--profile", profile);
    const counts = await said(player);
    expect(counts["video"]).toBeGreaterThan(20);
    expect(counts["audio"]).toBeGreaterThan(50);
    expect(counts["loudest"]).toBeGreaterThan(500);
    expect(counts["brightest"]).toBeGreaterThan(90);

    const sending = aiortc("send", `${server.url}/whip/hall/square`, "--profile", profile);
    try {
      expect(await said(sending)).toEqual({ connected: true });
      const viewer = await context.newPage();
      await viewer.goto(`${server.url}/healthz`);
      await viewer.evaluate(play, `${server.url}/whep/hall/wall/square`);
      // The ground of its picture; the square wanders through the middle now and then.
      await expectPlayed(viewer, [32, 32, 32]);
    } finally {
      sending.stdin?.end();
    }
  });
}
