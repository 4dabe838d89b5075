// What one does with keys and devices in the room, and what it does to what is sent.

import { total } from "./support/media";
import { expect, test } from "./support/story";

test("a held space bar opens a closed microphone, and only while it is held", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  await ann.join({ camera: false, microphone: false });
  await bob.join({ camera: false });
  const mic = bob.page.getByTestId("mic");
  await expect(mic).toHaveAttribute("data-state", "on");
  await expect.poll(() => total(ann.page, "audio", "energy")).toBeGreaterThan(0);

  await mic.click();
  await expect(mic).toHaveAttribute("data-state", "muted");
  await expect(bob.page.getByTestId("notice")).toContainText("space bar");
  const quiet = async (): Promise<void> => {
    // The jitter buffer plays out what came before.
    await expect
      .poll(async () => {
        const before = await total(ann.page, "audio", "energy");
        await ann.page.waitForTimeout(1_500);
        return (await total(ann.page, "audio", "energy")) - before;
      })
      .toBeLessThan(1e-4);
  };
  await quiet();

  // The button still has the focus of the click: the bar talks all the same.
  const silent = await total(ann.page, "audio", "energy");
  await bob.page.keyboard.down("Space");
  await expect(mic).toHaveAttribute("data-talking", "true");
  await expect(mic).toHaveAttribute("data-state", "on");
  await expect.poll(async () => (await total(ann.page, "audio", "energy")) - silent).toBeGreaterThan(1e-3);
  await bob.page.keyboard.up("Space");
  await expect(mic).toHaveAttribute("data-state", "muted");
  await quiet();

  await bob.page.getByTestId("chat").click();
  await bob.page.getByTestId("chat-input").focus();
  await bob.page.keyboard.down("Space");
  await expect(bob.page.getByTestId("chat-input")).toHaveValue(" ");
  await expect(mic).toHaveAttribute("data-state", "muted");
  await bob.page.keyboard.up("Space");
});

test("another camera and microphone go on in the same session", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  await ann.join({ camera: false, microphone: false });
  await bob.join();
  await expect.poll(() => total(ann.page, "video", "frames")).toBeGreaterThan(10);

  await bob.page.getByTestId("settings").click();
  for (const kind of ["camera", "microphone"] as const) {
    const select = bob.page.getByTestId(`device-${kind}`);
    const ids = await select.locator("option").evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value));
    // The second of the test browser's cameras is of another format and nothing of it is sent, as was seen
    // here: the first, opened anew, is a change too.
    const other = ids.filter((id) => id !== "default").at(kind === "camera" ? 0 : -1);
    if (other === undefined) throw new Error(`there is no ${kind}`);
    await select.selectOption(other);
    await expect(select).toHaveValue(other);
  }
  for (const [kind, figure] of [["video", "frames"], ["audio", "energy"]] as const) {
    const now = await total(ann.page, kind, figure);
    await expect.poll(() => total(ann.page, kind, figure)).toBeGreaterThan(now);
  }
  const made = await bob.page.evaluate(() => (window as unknown as { __kept: unknown[] }).__kept.length);
  expect(made).toBe(1);
  await expect(bob.page.getByTestId("test-speaker")).toBeEnabled();
});

test("pin, full screen and the list of keys work by keyboard", async ({ server, arrive }) => {
  const room = await server.room();
  const ann = await arrive("Ann", room.moderator);
  const bob = await arrive("Bob", room.guest);
  await ann.join({ camera: false, microphone: false });
  await bob.join({ camera: false, microphone: false });
  const { page } = ann;
  const stage = page.getByTestId("stage");
  await expect(stage).toHaveAttribute("data-layout", "grid");
  await ann.tile("Bob").getByTestId("tile-pin").focus();
  await page.keyboard.press("Enter");
  await expect(stage).toHaveAttribute("data-layout", "focus");
  await expect(ann.tile("Bob")).toHaveAttribute("data-large", "true");
  await ann.tile("Bob").getByTestId("tile-pin").focus();
  await page.keyboard.press("Space");
  await expect(stage).toHaveAttribute("data-layout", "grid");

  await page.keyboard.press("f");
  await expect(page.getByTestId("fullscreen")).toHaveAttribute("data-full", "true");
  await page.keyboard.press("f");
  await expect(page.getByTestId("fullscreen")).toHaveAttribute("data-full", "false");

  await page.keyboard.press("?");
  await expect(page.getByTestId("shortcuts")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("shortcuts")).toHaveCount(0);
});
