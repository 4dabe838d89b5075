// One's own microphone, camera and screen: their tracks, and what the room knows of them.
//
// The room's word counts: a source is on when its track runs and the room lists
// it. A moderator's muting closes the track here; nobody but its owner opens it.

import { openCamera, openMicrophone, openScreen } from "./devices";
import { ConfError } from "./error";
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
      const track = given ?? kept ?? (await openMicrophone(this.#devices.get("microphone")));
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
      await this.#keep("camera", given ?? (await openCamera(this.#devices.get("camera"))));
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
      const track = await (kind === "microphone" ? openMicrophone(deviceId) : openCamera(deviceId));
      track.enabled = old.enabled;
      await this.#keep(kind, track);
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
    // The device was unplugged, or the browser's own "stop sharing" was used.
    track.onended = () => {
      if (this.#tracks.get(source) !== track) return;
      if (source === "microphone") void this.#microphoneGone(track);
      else {
        this.#stop(source === "screen" ? ["screen", "screen_audio"] : [source]).catch(() => undefined);
        if (source === "camera") this.#door.failed(new ConfError("camera_gone"));
      }
    };
    await this.#door.send(source, track);
  }

  /** Goes on with another microphone if there is one. A camera is not replaced: it would look elsewhere unasked. */
  async #microphoneGone(old: MediaStreamTrack): Promise<void> {
    this.#devices.delete("microphone");
    try {
      await this.#inTurn(async () => {
        if (this.#tracks.get("microphone") !== old) return;
        const track = await openMicrophone();
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
