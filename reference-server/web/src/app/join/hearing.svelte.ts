// Testing the loudspeaker and the microphone before entering: one test at a time, each with a word at its end.

import { playTone } from "../ui/tone";
import type { Preview } from "./preview.svelte";
import { canRecord, play, record } from "./voice";

export type Step = "idle" | "tone" | "opening" | "recording" | "playing";
/** How the last test ended; `failed` is told by the preview itself. */
export type Outcome = "tone_done" | "voice_done" | "voice_silent" | "no_recorder" | "speaker_gone" | "failed";

export class Hearing {
  step = $state<Step>("idle");
  outcome = $state<Outcome | null>(null);
  /** What is being recorded. */
  track = $state.raw<MediaStreamTrack | null>(null);
  readonly #preview: Preview;
  readonly #stop = new AbortController();

  constructor(preview: Preview) {
    this.#preview = preview;
  }

  async tone(): Promise<void> {
    await this.#run(async () => {
      this.step = "tone";
      try {
        await playTone(this.#preview.chosen.speaker);
        return "tone_done";
      } catch {
        return "speaker_gone";
      }
    });
  }

  /** Records the microphone and plays what it heard. One that is off is opened for that alone. */
  async voice(): Promise<void> {
    await this.#run(async () => {
      if (!canRecord()) return "no_recorder";
      this.step = "opening";
      const own = this.#preview.microphone;
      const track = own ?? (await this.#preview.lendMicrophone());
      if (track === null) return "failed";
      try {
        this.track = track;
        return await this.#recordAndPlay(track);
      } finally {
        this.track = null;
        if (track !== own) track.stop();
      }
    });
  }

  dispose(): void {
    this.#stop.abort();
  }

  async #recordAndPlay(track: MediaStreamTrack): Promise<Outcome> {
    const { signal } = this.#stop;
    if (signal.aborted) return "failed";
    this.step = "recording";
    const heard = await record(track, signal).catch(() => null);
    if (signal.aborted) return "failed";
    if (heard === null) return "no_recorder";
    if (heard.silent) return "voice_silent";
    this.step = "playing";
    try {
      await play(heard.sound, this.#preview.chosen.speaker, signal);
      return "voice_done";
    } catch {
      return "speaker_gone";
    }
  }

  async #run(test: () => Promise<Outcome>): Promise<void> {
    if (this.step !== "idle") return;
    this.outcome = null;
    try {
      this.outcome = await test();
    } finally {
      this.step = "idle";
    }
  }
}
