// One's own microphone, camera and screen: their tracks, and what the room knows of them.
//
// The room's word counts: a source is on when its track runs and the room lists
// it. A moderator's muting closes the track here; nobody but its owner opens it.

import { sharp, withBlur, type Blur } from "./blur";
import { openCamera, openMicrophone, openScreen } from "./devices";
import { ConfError } from "./error";
import { hold } from "./processing/derived";
import type { Noise } from "./processing/noise";
import type { Answer, ClientBody, Participant, RoomEvent, Source } from "./proto";
import { publishes } from "./roster";

export type LocalStatus = "off" | "starting" | "on" | "muted";

/** What a room lends to the sources in it. */
export interface LocalDoor {
  send(source: Source, track: MediaStreamTrack | null): Promise<void>;
  request(body: ClientBody): Promise<Answer | null>;
  self(): Participant | undefined;
  changed(): void;
  failed(error: ConfError): void;
}

export class LocalSources {
  readonly #door: LocalDoor;
  readonly #tracks = new Map<Source, MediaStreamTrack>();
  readonly #starting = new Set<Source>();
  readonly #devices = new Map<"microphone" | "camera", string>();
  #blur: Blur = "off";
  #noise: Noise = "browser";
  /** What was asked of the microphone last: whoever lets go of the key before it opened never opens it. */
  #voiceWanted = false;
  /** One change at a time: a second click waits for what the first began. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(door: LocalDoor) {
    this.#door = door;
  }

  track(source: Source): MediaStreamTrack | null {
    return this.#tracks.get(source) ?? null;
  }

  status(): Record<"microphone" | "camera" | "screen", LocalStatus> {
    return { microphone: this.#status("microphone"), camera: this.#status("camera"), screen: this.#status("screen") };
  }

  setMicrophone(on: boolean, given?: MediaStreamTrack): Promise<void> {
    this.#voiceWanted = on;
    if (!on) return this.#closeMicrophone();
    return this.#start("microphone", async () => {
      if (!this.#voiceWanted) return given?.stop();
      if (given !== undefined) this.#forget("microphone");
      const kept = this.#live("microphone");
      const track = given ?? kept ?? (await this.#openMicrophone());
      track.enabled = this.#voiceWanted;
      await this.#keep("microphone", track);
      if (!this.#voiceWanted && publishes(this.#door.self(), "microphone")) return;
      const me = this.#door.self();
      try {
        if (!publishes(me, "microphone")) await this.#door.request({ type: "publish", source: "microphone" });
        else if (me?.muted === true) await this.#door.request({ type: "unmute" });
      } catch (thrown) {
        track.enabled = false;
        throw thrown;
      }
    });
  }

  setCamera(on: boolean, given?: MediaStreamTrack): Promise<void> {
    if (!on) return this.#stop(["camera"]);
    return this.#start("camera", async () => {
      if (given === undefined && this.#live("camera") !== null) return;
      if (given !== undefined && this.#blur !== "off" && sharp(given)) {
        given.stop();
        throw new ConfError("blur_missing");
      }
      await this.#keep("camera", given ?? (await this.#openCamera()));
      await this.#publish("camera");
    });
  }

  setScreen(on: boolean): Promise<void> {
    if (!on) return this.#stop(["screen", "screen_audio"]);
    return this.#start("screen", async () => {
      const { picture, sound } = await openScreen();
      await this.#keep("screen", picture);
      if (sound !== null) await this.#keep("screen_audio", sound);
      try {
        await this.#publish("screen");
      } catch (thrown) {
        await this.#drop("screen_audio");
        throw thrown;
      }
      // A screen without its sound is still a screen.
      if (sound !== null) await this.#publish("screen_audio").catch(() => undefined);
    });
  }

  useDevice(kind: "microphone" | "camera", deviceId: string): Promise<void> {
    this.#devices.set(kind, deviceId);
    return this.#inTurn(async () => {
      const old = this.#live(kind);
      if (old === null) return;
      const track = await (kind === "microphone"
        ? openMicrophone(deviceId, this.#noise)
        : openCamera(deviceId, this.#blur));
      track.enabled = old.enabled;
      await this.#keep(kind, track);
      this.#door.changed();
    });
  }

  /** Blurs what is behind one, now and whenever the camera is opened. */
  setBlur(blur: Blur): Promise<void> {
    return this.#inTurn(async () => {
      const camera = this.#live("camera");
      const before = this.#blur;
      // Before the browser's own word of the change, which would be taken for somebody else's.
      if (blur === "off") this.#blur = "off";
      try {
        const track = camera === null ? null : await withBlur(camera, blur);
        if (track !== null && track !== camera) await this.#replace(camera, track);
        this.#blur = blur;
      } catch (thrown) {
        this.#blur = before;
        throw thrown;
      }
    });
  }

  /** Who takes out noise; a microphone that is on is opened anew for it. */
  setNoise(noise: Noise): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#noise === noise) return;
      const old = this.#live("microphone");
      if (old !== null) {
        const track = await openMicrophone(this.#devices.get("microphone") ?? old.getSettings().deviceId, noise);
        track.enabled = old.enabled;
        await this.#keep("microphone", track);
      }
      this.#noise = noise;
      this.#door.changed();
    });
  }

  /** Makes one's own tracks follow what the room says about one. */
  reflect(event: RoomEvent): void {
    switch (event.type) {
      case "muted": {
        const track = this.#tracks.get("microphone");
        if (track !== undefined) track.enabled = false;
        return;
      }
      case "stopped":
        void this.#drop(event.source);
        return;
      default:
        return;
    }
  }

  /** Puts every track into a new connection. */
  async putInto(send: (source: Source, track: MediaStreamTrack) => Promise<void>): Promise<void> {
    for (const [source, track] of this.#tracks) await send(source, track);
  }

  /**
   * After a return: the tracks follow the room, whose list is what counts. What
   * was stopped meanwhile stays so; to a room that knows one only as a
   * `newcomer` everything is told. With a `fresh` media connection what the
   * room lists is told once more.
   */
  agree(fresh: boolean, newcomer: boolean): Promise<void> {
    return this.#inTurn(async () => {
      let stopped = false;
      for (const source of ["microphone", "camera", "screen", "screen_audio"] as const) {
        const me = this.#door.self();
        const track = this.#live(source);
        const listed = publishes(me, source);
        if (track === null) {
          if (me === undefined || !listed) continue;
          if (source !== "microphone") await this.#door.request({ type: "stop", target: me.id, source });
          else if (!me.muted) await this.#door.request({ type: "mute", target: me.id });
        } else if (source === "microphone" && (!track.enabled || (listed && me?.muted === true))) {
          track.enabled = false;
          if (me !== undefined && listed && !me.muted) await this.#door.request({ type: "mute", target: me.id });
        } else if (listed ? fresh : newcomer) {
          await this.#publishAgain(source);
        } else if (!listed) {
          await this.#drop(source);
          stopped = true;
        }
      }
      if (stopped) this.#door.failed(new ConfError("stopped_meanwhile"));
      this.#door.changed();
    });
  }

  /** Lets go of every device. */
  stopAll(): void {
    for (const source of [...this.#tracks.keys()]) this.#forget(source);
  }

  #status(source: "microphone" | "camera" | "screen"): LocalStatus {
    if (this.#starting.has(source)) return "starting";
    const me = this.#door.self();
    const track = this.#live(source);
    if (source === "microphone" && publishes(me, "microphone")) {
      return me?.muted === true || track?.enabled !== true ? "muted" : "on";
    }
    return track !== null && publishes(me, source) ? "on" : "off";
  }

  #closeMicrophone(): Promise<void> {
    // At once, not in turn: nothing more is said while the room is being told.
    const track = this.#tracks.get("microphone");
    if (track !== undefined) track.enabled = false;
    this.#door.changed();
    return this.#inTurn(async () => {
      const me = this.#door.self();
      if (me !== undefined && publishes(me, "microphone") && !me.muted) {
        await this.#door.request({ type: "mute", target: me.id });
      }
    });
  }

  #start(source: Source, run: () => Promise<void>): Promise<void> {
    this.#starting.add(source);
    this.#door.changed();
    return this.#inTurn(run).finally(() => {
      this.#starting.delete(source);
      this.#door.changed();
    });
  }

  #stop(sources: readonly Source[]): Promise<void> {
    return this.#inTurn(async () => {
      for (const source of sources) await this.#drop(source);
      this.#door.changed();
      const me = this.#door.self();
      for (const source of sources) {
        if (me !== undefined && publishes(me, source)) {
          await this.#door.request({ type: "stop", target: me.id, source });
        }
      }
    });
  }

  async #publish(source: Source): Promise<void> {
    try {
      await this.#door.request({ type: "publish", source });
    } catch (thrown) {
      await this.#drop(source);
      throw thrown;
    }
  }

  async #publishAgain(source: Source): Promise<void> {
    try {
      await this.#publish(source);
    } catch (thrown) {
      const error = ConfError.from(thrown, "connection_lost");
      if (error.code === "connection_lost" || error.code === "not_connected") throw error;
      this.#door.failed(error);
    }
  }

  async #keep(source: Source, track: MediaStreamTrack): Promise<void> {
    if (this.#tracks.get(source) !== track) this.#forget(source);
    this.#tracks.set(source, track);
    hold(track, (fault) => {
      // There is no picture any more, and there must be no clear one.
      if (fault === "blur_failed") this.#stop(["camera"]).catch(() => undefined);
      this.#door.failed(new ConfError(fault));
    });
    // The device was unplugged, or the browser's own "stop sharing" was used.
    track.onended = () => {
      if (this.#tracks.get(source) !== track) return;
      if (source === "microphone") void this.#microphoneGone(track);
      else {
        this.#stop(source === "screen" ? ["screen", "screen_audio"] : [source]).catch(() => undefined);
        if (source === "camera") this.#door.failed(new ConfError("camera_gone"));
      }
    };
    if (source === "camera") {
      // The system's own switch can take the blur away from under the page.
      track.addEventListener("configurationchange", () => {
        if (this.#blur === "off" || this.#tracks.get("camera") !== track || !sharp(track)) return;
        this.#stop(["camera"]).catch(() => undefined);
        this.#door.failed(new ConfError("blur_missing"));
      });
    }
    await this.#door.send(source, track);
  }

  /** Sends `track` instead of `camera`, unless that ended while the other was made ready. */
  async #replace(camera: MediaStreamTrack | null, track: MediaStreamTrack): Promise<void> {
    if (camera === null || this.#live("camera") !== camera) return track.stop();
    await this.#keep("camera", track);
    this.#door.changed();
  }

  /** Goes on with another microphone if there is one. A camera is not replaced: it would look elsewhere unasked. */
  async #microphoneGone(old: MediaStreamTrack): Promise<void> {
    this.#devices.delete("microphone");
    try {
      await this.#inTurn(async () => {
        if (this.#tracks.get("microphone") !== old) return;
        const track = await openMicrophone(undefined, this.#noise);
        track.enabled = old.enabled;
        await this.#keep("microphone", track);
        this.#door.changed();
      });
      this.#door.failed(new ConfError("microphone_replaced"));
    } catch {
      await this.#closeMicrophone().catch(() => undefined);
      await this.#drop("microphone");
      this.#door.changed();
      this.#door.failed(new ConfError("microphone_gone"));
    }
  }

  /** The chosen microphone, or else the one the device prefers, which is said. */
  async #openMicrophone(): Promise<MediaStreamTrack> {
    const chosen = this.#devices.get("microphone");
    try {
      return await openMicrophone(chosen, this.#noise);
    } catch (thrown) {
      if (chosen === undefined || !isMissing(thrown)) throw thrown;
      this.#devices.delete("microphone");
      const track = await openMicrophone(undefined, this.#noise);
      this.#door.failed(new ConfError("microphone_other"));
      return track;
    }
  }

  /** The chosen camera. Another one would look elsewhere unasked: it takes a second click. */
  async #openCamera(): Promise<MediaStreamTrack> {
    const chosen = this.#devices.get("camera");
    try {
      return await openCamera(chosen, this.#blur);
    } catch (thrown) {
      if (chosen === undefined || !isMissing(thrown)) throw thrown;
      this.#devices.delete("camera");
      throw new ConfError("camera_other");
    }
  }

  async #drop(source: Source): Promise<void> {
    this.#forget(source);
    await this.#door.send(source, null);
  }

  #forget(source: Source): void {
    const track = this.#tracks.get(source);
    if (track === undefined) return;
    this.#tracks.delete(source);
    track.onended = null;
    track.stop();
  }

  #live(source: Source): MediaStreamTrack | null {
    const track = this.#tracks.get(source);
    return track !== undefined && track.readyState === "live" ? track : null;
  }

  #inTurn(run: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(run, run);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof ConfError && thrown.code === "device_missing";
}
