// Devices before and in a meeting: tested alone, remembered by the browser, said to be gone, and blurred.

import type { Page } from "@playwright/test";

import { expectFlawless } from "./support/flawless";
import { expect, test } from "./support/story";

/** Runs before the page's code: every camera can blur, and says when it does. */
function beBlurring(): void {
  const blurred = new WeakMap<MediaStreamTrack, boolean>();
  const { getSettings, getCapabilities, applyConstraints } = MediaStreamTrack.prototype;
  const known = MediaDevices.prototype.getSupportedConstraints;
  MediaDevices.prototype.getSupportedConstraints = function () {
    return { ...known.call(this), backgroundBlur: true };
  };
  MediaStreamTrack.prototype.getCapabilities = function () {
    return { ...getCapabilities.call(this), backgroundBlur: [false, true] };
  };
  MediaStreamTrack.prototype.getSettings = function () {
    return { ...getSettings.call(this), backgroundBlur: blurred.get(this) === true };
  };
  MediaStreamTrack.prototype.applyConstraints = function (wanted = {}) {
    const { backgroundBlur, ...rest } = wanted as MediaTrackConstraints & { backgroundBlur?: { exact: boolean } };
    if (backgroundBlur !== undefined) blurred.set(this, backgroundBlur.exact);
    return applyConstraints.call(this, rest);
  };
}

const chosen = (page: Page, kind: string) => page.getByTestId(`device-${kind}`).locator("option:checked");

/** Chooses a device that is not chosen now, and says which. */
async function chooseOther(page: Page, kind: string): Promise<string> {
  const select = page.getByTestId(`device-${kind}`);
  const now = await select.inputValue();
  const all = await select.locator("option").evaluateAll((options) => options.map((o) => (o as HTMLOptionElement).value));
  const other = all.findLast((id) => id !== now && id !== "default");
  if (other === undefined) throw new Error(`only one ${kind}`);
  await select.selectOption(other);
  return other;
}

test("sound and picture are tested with the keyboard alone, and nothing of it enters the meeting", async ({ server, arrive }) => {
  const room = await server.room();
  const { page } = await arrive("Ann", room.moderator);
  await expect(page.getByTestId("join-button")).toBeEnabled();
  await page.getByTestId("device-test").locator("summary").press("Enter");
  const word = page.getByTestId("test-word");

  await page.getByTestId("test-tone").press("Enter");
  await expect(word).toHaveAttribute("data-step", "tone");
  await expect(word).toHaveAttribute("data-outcome", "tone_done");

  await page.getByTestId("test-voice").press("Space");
  await expect(word).toHaveAttribute("data-step", "recording");
  await expect(page.getByTestId("level-meter")).toBeVisible();
  await expect(word).toHaveAttribute("data-step", "playing");
  await expect(word).toHaveAttribute("data-outcome", "voice_done");
  await expect(page.getByTestId("test-voice")).toBeFocused();
  await expect(page.getByTestId("join-mic")).toHaveAttribute("aria-pressed", "false");

  // Entered in the middle of a recording: the microphone was lent to the test alone.
  await page.getByTestId("join-name").fill("Ann");
  await page.getByTestId("test-voice").press("Space");
  await expect(word).toHaveAttribute("data-step", "recording");
  await page.getByTestId("join-button").click();
  await expect(page.getByTestId("leave")).toBeVisible();
  await expect(page.getByTestId("mic")).toHaveAttribute("data-state", "off");
});

test("what goes wrong with a microphone is said with what to do", async ({ server, arrive }) => {
  const room = await server.room();
  for (const [name, text] of [
    ["NotAllowedError", "address bar"],
    ["NotFoundError", "Plug it in"],
    ["NotReadableError", "another program"],
  ] as const) {
    const { page } = await arrive("Ann", room.moderator);
    await page.evaluate((name) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
    }, name);
    await page.getByTestId("device-test").locator("summary").click();
    await page.getByTestId("test-voice").click();
    await expect(page.getByTestId("microphone-problem")).toContainText(text);
    await expect(page.getByTestId("test-word")).toHaveAttribute("data-outcome", "failed");
  }
});

test("devices are remembered, said to be gone, and forgotten", async ({ server, arrive }) => {
  const room = await server.room();
  const { page } = await arrive("Ann", room.moderator);
  await page.getByTestId("join-camera").click();
  await page.getByTestId("join-mic").click();
  await page.getByTestId("device-test").locator("summary").click();
  await expect(page.getByTestId("device-camera")).toBeVisible();
  const camera = await chooseOther(page, "camera");
  const microphone = await chooseOther(page, "microphone");
  const speaker = await chooseOther(page, "speaker");
  await expect(page.getByTestId("preview")).toBeVisible();

  // The next visit begins with them, and the meeting goes on with them.
  await page.reload();
  await page.getByTestId("join-camera").click();
  await page.getByTestId("join-mic").click();
  await expect(chosen(page, "camera")).toHaveAttribute("value", camera);
  await expect(chosen(page, "microphone")).toHaveAttribute("value", microphone);
  await page.getByTestId("join-name").fill("Ann");
  await page.getByTestId("join-button").click();
  await expect(page.getByTestId("camera")).toHaveAttribute("data-state", "on");
  await page.getByTestId("settings").click();
  await expect(chosen(page, "camera")).toHaveAttribute("value", camera);
  await expect(chosen(page, "speaker")).toHaveAttribute("value", speaker);
  await page.getByTestId("noise").locator("input:checked").press("ArrowLeft");
  await expect(page.getByTestId("noise")).toHaveAttribute("data-value", "off");
  await page.getByTestId("forget-devices").press("Enter");
  await expect(page.getByTestId("remember-devices")).toBeFocused();
  expect(await page.evaluate(() => localStorage.getItem("conf.devices"))).toBe(null);
  await page.keyboard.press("Escape");
  await page.getByTestId("leave").click();

  // Devices of another time, which nobody has any more.
  await page.evaluate(() =>
    localStorage.setItem("conf.devices", JSON.stringify({ microphone: "gone", camera: "gone", speaker: "gone" })),
  );
  await page.goto("about:blank");
  await page.goto(room.moderator);
  await expect(page.getByTestId("speaker-replaced")).toBeVisible();
  await page.getByTestId("join-camera").click();
  await page.getByTestId("join-mic").click();
  await expect(page.getByTestId("preview")).toBeVisible();
  await expect(page.getByTestId("camera-replaced")).toBeVisible();
  await expect(page.getByTestId("microphone-replaced")).toBeVisible();
});

test("a camera that cannot blur stays off while blurring is wanted; one that can is blurred for all", async ({ server, arrive }) => {
  const room = await server.room();
  const { page } = await arrive("Ann", room.moderator, { first: beBlurring });
  await page.getByTestId("device-test").locator("summary").click();
  await page.getByTestId("blur").press("Space");
  await expect(page.getByTestId("blur")).toBeChecked();
  await page.getByTestId("join-camera").click();
  await expect(page.getByTestId("preview")).toBeVisible();
  await page.getByTestId("join-name").fill("Ann");
  await page.getByTestId("join-button").click();
  await expect(page.getByTestId("camera")).toHaveAttribute("data-state", "on");

  // Neither does this browser blur, nor could we here.
  const { page: plain } = await arrive("Ben", room.guest, { first: () => void Reflect.deleteProperty(window, "OffscreenCanvas") });
  await plain.evaluate(() => localStorage.setItem("conf.prefs", JSON.stringify({ blur: true })));
  await plain.reload();
  await plain.getByTestId("join-camera").click();
  await expect(plain.getByTestId("camera-problem")).toContainText("cannot blur");
  await plain.getByTestId("device-test").locator("summary").click();
  await plain.getByTestId("blur").press("Space");
  await plain.getByTestId("join-camera").click();
  await expect(plain.getByTestId("preview")).toBeVisible();
  await expect(plain.getByTestId("camera-problem")).toHaveCount(0);
});

for (const locale of ["de-DE", "en-GB"] as const) {
  test(`the test of devices is accessible and keeps within the screen: ${locale}`, async ({ server, arrive }, info) => {
    const room = await server.room("Physik 7b");
    const { page } = await arrive("Ann", room.moderator, { locale, first: beBlurring });
    await page.getByTestId("join-camera").click();
    await page.getByTestId("join-mic").click();
    await page.getByTestId("device-test").locator("summary").click();
    await chooseOther(page, "camera");
    const look = async (where: string): Promise<void> => {
      for (const scheme of ["light", "dark"] as const) {
        for (const width of [360, 1440]) {
          await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
          await page.setViewportSize({ width, height: 900 });
          const name = `${where}-${scheme}-${width}`;
          await page.screenshot({ path: info.outputPath(`${name}.png`), fullPage: true });
          await expectFlawless(page, name);
        }
      }
    };
    await page.getByTestId("test-tone").click();
    await expect(page.getByTestId("test-word")).toHaveAttribute("data-outcome", "tone_done");
    await look("join");
    await page.getByTestId("join-name").fill("Ann");
    await page.getByTestId("join-button").click();
    await page.getByTestId("settings").click();
    await expect(page.getByTestId("forget-devices")).toBeVisible();
    await look("settings");
  });
}
