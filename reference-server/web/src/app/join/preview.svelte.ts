// The camera and microphone before entering: off until chosen, let go of when not taken along.

import { ConfError, listDevices, openCamera, openMicrophone, type Device } from "../../sdk";

type Kind = "microphone" | "camera";

export class Preview {
  microphone = $state.raw<MediaStreamTrack | null>(null);
  camera = $state.raw<MediaStreamTrack | null>(null);
  opening = $state<Record<Kind, boolean>>({ microphone: false, camera: false });
  problem = $state.raw<Record<Kind, ConfError | null>>({ microphone: null, camera: null });
  devices = $state.raw<readonly Device[]>([]);
  chosen = $state<Record<Kind, string>>({ microphone: "", camera: "" });
  readonly #pending = new Set<Promise<void>>();
  #gone = false;
  /** Counts the handings-over: what was asked for before one and opens after it belongs to nobody. */
  #taken = 0;

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

  async choose(kind: Kind, id: string): Promise<void> {
    this.chosen[kind] = id;
    if (this[kind] === null) return;
    this.#close(kind);
    await this.#open(kind);
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
      const id = this.chosen[kind] === "" ? undefined : this.chosen[kind];
      const track = await (kind === "microphone" ? openMicrophone(id) : openCamera(id));
      if (this.#gone || round !== this.#taken) {
        track.stop();
        return;
      }
      this[kind] = track;
      track.onended = () => {
        if (this[kind] === track) this[kind] = null;
      };
      this.devices = await listDevices();
      this.chosen[kind] = track.getSettings().deviceId ?? this.chosen[kind];
    } catch (thrown) {
      this.problem = { ...this.problem, [kind]: ConfError.from(thrown, "device_denied") };
    } finally {
      this.opening[kind] = false;
    }
  }

  #close(kind: Kind): void {
    const track = this[kind];
    this[kind] = null;
    if (track === null) return;
    track.onended = null;
    track.stop();
  }
}
