// The example SFU, met by two browsers: conf-media without rooms, roles or our client.

import { type ChildProcess, spawn } from "node:child_process";
import { resolve } from "node:path";

import { expect, test } from "@playwright/test";

import { total } from "./support/media";
import { keepConnections } from "./support/person";

async function start(): Promise<{ url: string; program: ChildProcess }> {
  const program = spawn(resolve("../../target/debug/minimal-sfu"), {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const line = await new Promise<string>((done, failed) => {
    program.stdout.once("data", (bytes: Buffer) => done(bytes.toString()));
    program.once("error", failed);
    program.once("exit", (code) => failed(new Error(`minimal-sfu ended with ${code}`)));
  });
  return { url: line.split(" ")[0] ?? "", program };
}

test("two tabs meet through the example SFU", async ({ context }) => {
  const { url, program } = await start();
  try {
    const pages = [await context.newPage(), await context.newPage()];
    for (const page of pages) {
      await page.addInitScript(keepConnections);
      await page.goto(url);
    }
    for (const page of pages) {
      await expect.poll(() => total(page, "video", "frames")).toBeGreaterThan(10);
      await expect.poll(() => total(page, "audio", "energy")).toBeGreaterThan(0);
    }
  } finally {
    program.kill("SIGKILL");
  }
});
