import { afterEach, describe, expect, it, vi } from "vitest";

import { Preview } from "./preview.svelte";

/** A camera that starts when the test says so. */
function slowCamera(): { start: () => void; track: MediaStreamTrack } {
  const track = {
    kind: "video",
    readyState: "live",
    onended: null,
    stop: vi.fn(),
    getSettings: () => ({ deviceId: "front" }),
  } as unknown as MediaStreamTrack;
  let start = (): void => undefined;
  const started = new Promise<void>((done) => (start = done));
  vi.stubGlobal("navigator", {
    mediaDevices: {
      getUserMedia: async () => {
        await started;
        return { getTracks: () => [track], getVideoTracks: () => [track], getAudioTracks: () => [] };
      },
      enumerateDevices: async () => [],
    },
  });
  return { start, track };
}

afterEach(() => vi.unstubAllGlobals());

describe("joining while the camera is starting", () => {
  it("takes the camera along once it runs", async () => {
    const { start, track } = slowCamera();
    const preview = new Preview();
    void preview.toggle("camera");
    const settled = preview.settled(60_000);
    start();
    await settled;
    expect(preview.take().camera).toBe(track);
  });

  it("does not wait for ever for an answer", async () => {
    vi.useFakeTimers();
    const { start, track } = slowCamera();
    const preview = new Preview();
    const opening = preview.toggle("camera");
    const settled = preview.settled(5_000);
    await vi.advanceTimersByTimeAsync(5_000);
    await settled;
    expect(preview.take().camera).toBe(null);
    preview.dispose();
    vi.useRealTimers();
    start();
    await opening;
    expect(track.stop).toHaveBeenCalled();
  });
});

describe("a device chosen last that is not there", () => {
  const track = (id: string): MediaStreamTrack =>
    ({ kind: "video", onended: null, stop: vi.fn(), getSettings: () => ({ deviceId: id }) }) as unknown as MediaStreamTrack;

  /** A browser with one camera, "back". */
  function browser(): void {
    vi.stubGlobal("navigator", {
      mediaDevices: {
        getUserMedia: async ({ video }: { video: { deviceId?: { exact: string } } }) => {
          if (video.deviceId !== undefined) throw Object.assign(new Error("none such"), { name: "OverconstrainedError" });
          return { getTracks: () => [track("back")] };
        },
        enumerateDevices: async () => [
          { kind: "videoinput", deviceId: "back", label: "Back" },
          { kind: "audiooutput", deviceId: "desk", label: "Desk" },
        ],
      },
    });
  }

  it("is replaced before somebody's eyes, with a word", async () => {
    browser();
    const preview = new Preview();
    preview.chosen.camera = "front";
    await preview.toggle("camera");
    expect(preview.camera).not.toBe(null);
    expect(preview.replaced.camera).toBe(true);
    expect(preview.chosen.camera).toBe("back");
  });

  it("is not replaced where nobody looks", async () => {
    browser();
    const preview = new Preview("unseen");
    preview.chosen.camera = "front";
    await preview.toggle("camera");
    expect(preview.camera).toBe(null);
    expect(preview.problem.camera?.code).toBe("camera_other");
  });

  it("is told of a loudspeaker too", async () => {
    browser();
    const preview = new Preview();
    preview.chosen.speaker = "kitchen";
    await preview.toggle("camera");
    expect(preview.replaced.speaker).toBe(true);
    expect(preview.chosen.speaker).toBe("");
  });
});
