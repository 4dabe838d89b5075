// The camera and microphone before entering: off until chosen, let go of when not taken along.

import { ConfError, hold, listDevices, openCamera, openMicrophone, watchDevices, withBlur, type Blur, type Device, type DeviceKind } from "../../sdk";
import { remembered } from "../devices/remembered.svelte";
import { prefs } from "../prefs.svelte";

type Kind = "microphone" | "camera";

export class Preview {
  microphone = $state.raw<MediaStreamTrack | null>(null);
  camera = $state.raw<MediaStreamTrack | null>(null);
  opening = $state<Record<Kind, boolean>>({ microphone: false, camera: false });
  problem = $state.raw<Record<Kind, ConfError | null>>({ microphone: null, camera: null });
  devices = $state.raw<readonly Device[]>([]);
  /** Which devices are to be used; empty for the one the browser prefers. */
  chosen = $state<Record<DeviceKind, string>>({ ...remembered.ids });
  /** The chosen device was not there, and another one has been taken. */
  replaced = $state<Record<DeviceKind, boolean>>({ microphone: false, camera: false, speaker: false });
  readonly #pending = new Set<Promise<void>>();
  /** Whether somebody looks at it: what is not seen is not replaced by something else. */
  readonly #seen: boolean;
  #gone = false;
  /** Counts the handings-over: what was asked for before one and opens after it belongs to nobody. */
  #taken = 0;

  constructor(who: "seen" | "unseen" = "seen") {
    this.#seen = who === "seen";
  }

  async toggle(kind: Kind): Promise<void> {
    if (this.opening[kind]) return;
    if (this[kind] !== null) this.#close(kind);
    else await this.#open(kind);
  }

  /** Waits for what is being opened, but no longer than `ms`: somebody may leave a question unanswered. */
  async settled(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const enough = new Promise<void>((done) => (timer = setTimeout(done, ms)));
    await Promise.race([Promise.all(this.#pending), enough]);
    clearTimeout(timer);
  }

  async choose(kind: DeviceKind, id: string): Promise<void> {
    remembered.choose(kind, id);
    this.chosen[kind] = id;
    this.replaced[kind] = false;
    if (kind === "speaker" || this[kind] === null) return;
    this.#close(kind);
    await this.#open(kind);
  }

  /** Says whether it is so now. */
  async setBlur(blur: Blur): Promise<boolean> {
    const before = this.camera;
    if (before === null) return true;
    try {
      const track = await withBlur(before, blur);
      if (track === before) return true;
      // Switched off, or taken along, while the other was made ready.
      if (this.camera !== before) {
        track.stop();
        return false;
      }
      this.#close("camera");
      this.#show("camera", track);
      return true;
    } catch (thrown) {
      this.problem = { ...this.problem, camera: ConfError.from(thrown, "blur_missing") };
      return false;
    }
  }

  /** A microphone that is on is opened anew, as `prefs` now say. */
  async setNoise(): Promise<boolean> {
    if (this.microphone === null) return true;
    this.#close("microphone");
    await this.#open("microphone");
    return this.microphone !== null;
  }

  /** The microphone for a test alone: whoever gets it stops it, and it is never taken along. */
  async lendMicrophone(): Promise<MediaStreamTrack | null> {
    this.problem = { ...this.problem, microphone: null };
    try {
      const track = await this.#chosenOrOther("microphone");
      this.#hear("microphone", track);
      await this.#look();
      this.chosen.microphone = track.getSettings().deviceId ?? this.chosen.microphone;
      return track;
    } catch (thrown) {
      this.problem = { ...this.problem, microphone: ConfError.from(thrown, "device_denied") };
      return null;
    }
  }

  /** Keeps the lists of devices as they are plugged in and out; returns what ends it. */
  watch(): () => void {
    const look = (): void => void this.#look();
    look();
    return watchDevices(look);
  }

  /** Hands the tracks over; the preview forgets them. */
  take(): { microphone: MediaStreamTrack | null; camera: MediaStreamTrack | null } {
    const taken = { microphone: this.microphone, camera: this.camera };
    this.microphone = null;
    this.camera = null;
    this.#taken += 1;
    return taken;
  }

  /** Whether something is still being opened. */
  get busy(): boolean {
    return this.#pending.size > 0;
  }

  dispose(): void {
    this.#gone = true;
    this.#close("microphone");
    this.#close("camera");
  }

  #open(kind: Kind): Promise<void> {
    const opening = this.#openNow(kind).finally(() => this.#pending.delete(opening));
    this.#pending.add(opening);
    return opening;
  }

  async #openNow(kind: Kind): Promise<void> {
    const round = this.#taken;
    this.opening[kind] = true;
    this.problem = { ...this.problem, [kind]: null };
    try {
      const track = await this.#chosenOrOther(kind);
      if (this.#gone || round !== this.#taken) {
        track.stop();
        return;
      }
      this.#show(kind, track);
      await this.#look();
      this.chosen[kind] = track.getSettings().deviceId ?? this.chosen[kind];
    } catch (thrown) {
      this.problem = { ...this.problem, [kind]: ConfError.from(thrown, "device_denied") };
    } finally {
      this.opening[kind] = false;
    }
  }

  /** Before entering one sees and hears what was taken, so that another device does no harm. */
  async #chosenOrOther(kind: Kind): Promise<MediaStreamTrack> {
    const open = (id?: string): Promise<MediaStreamTrack> =>
      kind === "microphone" ? openMicrophone(id, prefs.noise) : openCamera(id, prefs.blur);
    const id = this.chosen[kind];
    this.replaced[kind] = false;
    if (id === "") return open();
    try {
      return await open(id);
    } catch (thrown) {
      if (!(thrown instanceof ConfError) || thrown.code !== "device_missing") throw thrown;
      this.chosen[kind] = "";
      if (kind === "camera" && !this.#seen) throw new ConfError("camera_other");
      const track = await open();
      this.replaced[kind] = true;
      return track;
    }
  }

  #show(kind: Kind, track: MediaStreamTrack): void {
    this[kind] = track;
    this.#hear(kind, track);
    track.onended = () => {
      if (this[kind] === track) this[kind] = null;
    };
  }

  #hear(kind: Kind, track: MediaStreamTrack): void {
    hold(track, (fault) => {
      if (fault === "blur_failed" && this.camera === track) this.#close("camera");
      this.problem = { ...this.problem, [kind]: new ConfError(fault) };
    });
  }

  async #look(): Promise<void> {
    this.devices = await listDevices();
    const speakers = this.devices.filter((device) => device.kind === "speaker" && device.label !== "");
    // Before permission was given once, the browser names none: then nothing is known to be gone.
    if (this.chosen.speaker === "" || speakers.length === 0) return;
    if (speakers.some((device) => device.id === this.chosen.speaker)) return;
    this.chosen.speaker = "";
    this.replaced.speaker = true;
  }

  #close(kind: Kind): void {
    const track = this[kind];
    this[kind] = null;
    if (track === null) return;
    track.onended = null;
    track.stop();
  }
}
