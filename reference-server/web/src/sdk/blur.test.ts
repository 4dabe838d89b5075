import { afterEach, describe, expect, test, vi } from "vitest";
import { blurBackground, offersBlur, sharp } from "./blur";
import { openCamera } from "./devices";

/** A camera whose system blurs as `offered`; `obeys` says whether it does what it is asked. */
function camera(offered: boolean[] | undefined, obeys = true): MediaStreamTrack {
  let blurred = false;
  return {
    kind: "video",
    stop: vi.fn(),
    getCapabilities: () => (offered === undefined ? {} : { backgroundBlur: offered }),
    getConstraints: () => ({ width: { ideal: 1280 } }),
    getSettings: () => ({ backgroundBlur: blurred }),
    applyConstraints: vi.fn(async (wanted: { backgroundBlur: { exact: boolean } }) => {
      if (obeys) blurred = wanted.backgroundBlur.exact;
    }),
  } as unknown as MediaStreamTrack;
}

function browser(knows: boolean, track?: MediaStreamTrack): void {
  vi.stubGlobal("navigator", {
    mediaDevices: {
      getSupportedConstraints: () => (knows ? { backgroundBlur: true } : {}),
      getUserMedia: async () => ({ getTracks: () => [track] }),
    },
  });
}

afterEach(() => vi.unstubAllGlobals());

describe("blurring the background", () => {
  test("is offered where browser and camera both have it", () => {
    browser(true);
    expect(offersBlur(null)).toBe(true);
    expect(offersBlur(camera([false, true]))).toBe(true);
    expect(offersBlur(camera([false]))).toBe(false);
    expect(offersBlur(camera(undefined))).toBe(false);
    browser(false);
    expect(offersBlur(null)).toBe(false);
    expect(offersBlur(camera([false, true]))).toBe(false);
  });

  test("keeps what else was asked of the camera, and goes back", async () => {
    browser(true);
    const track = camera([false, true]);
    await blurBackground(track, true);
    expect(track.applyConstraints).toHaveBeenCalledWith({ width: { ideal: 1280 }, backgroundBlur: { exact: true } });
    expect(sharp(track)).toBe(false);
    await blurBackground(track, false);
    expect(sharp(track)).toBe(true);
  });

  test("is not believed of a camera that did not refuse and stays sharp", async () => {
    browser(true);
    await expect(blurBackground(camera([true], false), true)).rejects.toMatchObject({ code: "blur_missing" });
  });

  test("lets no camera open that stays sharp", async () => {
    const dull = camera([false]);
    browser(true, dull);
    await expect(openCamera(undefined, "strong")).rejects.toMatchObject({ code: "blur_missing" });
    expect(dull.stop).toHaveBeenCalled();
    const fine = camera([false, true]);
    browser(true, fine);
    expect(await openCamera(undefined, "strong")).toBe(fine);
    expect(sharp(fine)).toBe(false);
  });
});
