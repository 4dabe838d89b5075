import { afterEach, describe, expect, test, vi } from "vitest";
import { ConfError } from "./error";
import { fakeTrack } from "./fake-media";
import { LocalSources } from "./local";

/** A person's devices: `present` ones open, others are missing. */
function devices(present: string[]): { opened: MediaTrackConstraints[] } {
  const opened: MediaTrackConstraints[] = [];
  vi.stubGlobal("navigator", {
    mediaDevices: {
      getSupportedConstraints: () => ({ backgroundBlur: true }),
      getUserMedia: async ({ audio, video }: { audio?: MediaTrackConstraints; video?: MediaTrackConstraints }) => {
        const wanted = audio ?? video ?? {};
        const id = (wanted.deviceId as { exact: string } | undefined)?.exact;
        if (id !== undefined && !present.includes(id)) throw Object.assign(new Error(), { name: "OverconstrainedError" });
        opened.push(wanted);
        return { getTracks: () => [fakeTrack(audio === undefined ? "video" : "audio")] };
      },
    },
  });
  return { opened };
}

function local(): { sources: LocalSources; failed: string[] } {
  const failed: string[] = [];
  const sources = new LocalSources({
    send: async () => undefined,
    request: async () => null,
    self: () => undefined,
    changed: () => undefined,
    failed: (error: ConfError) => failed.push(error.code),
  });
  return { sources, failed };
}

afterEach(() => vi.unstubAllGlobals());

describe("the device chosen last is not there", () => {
  test("another microphone is taken, and that is said", async () => {
    devices(["desk"]);
    const { sources, failed } = local();
    await sources.useDevice("microphone", "headset");
    await sources.setMicrophone(true);
    expect(sources.track("microphone")).not.toBe(null);
    expect(failed).toEqual(["microphone_other"]);
  });

  test("another camera takes a second click", async () => {
    devices(["front"]);
    const { sources } = local();
    await sources.useDevice("camera", "back");
    await expect(sources.setCamera(true)).rejects.toMatchObject({ code: "camera_other" });
    expect(sources.track("camera")).toBe(null);
    await sources.setCamera(true);
    expect(sources.track("camera")).not.toBe(null);
  });
});

describe("with a blurred background wanted", () => {
  test("no sharp camera is taken, opened here or before entering", async () => {
    devices([]);
    const { sources } = local();
    await sources.setBlur("strong");
    await expect(sources.setCamera(true)).rejects.toMatchObject({ code: "blur_missing" });
    const given = fakeTrack("video");
    await expect(sources.setCamera(true, given)).rejects.toMatchObject({ code: "blur_missing" });
    expect(given.readyState).toBe("ended");
    expect(sources.track("camera")).toBe(null);
  });

  test("a camera that turns sharp by itself is switched off, with a word", async () => {
    devices([]);
    const { sources, failed } = local();
    await sources.setBlur("strong");
    const given = fakeTrack("video");
    given.blurred = true;
    await sources.setCamera(true, given);
    given.dispatchEvent(new Event("configurationchange"));
    expect(sources.track("camera")).toBe(given);
    given.blurred = false;
    given.dispatchEvent(new Event("configurationchange"));
    await vi.waitFor(() => expect(sources.track("camera")).toBe(null));
    expect(failed).toEqual(["blur_missing"]);
  });
});

test("taking out noise is asked of the browser anew when it is switched", async () => {
  const { opened } = devices([]);
  const { sources } = local();
  await sources.setMicrophone(true);
  const first = sources.track("microphone");
  await sources.setNoise("off");
  expect(opened.map((wanted) => wanted.noiseSuppression)).toEqual([true, false]);
  expect(first?.readyState).toBe("ended");
  expect(sources.track("microphone")).not.toBe(first);
});
