// Where one is: in the main room or in one of its groups, and how one gets from one to the other.

import { createSubscriber } from "svelte/reactivity";
import { breakoutOf, breakoutWith, ConfError, Room, sessionUrl } from "../../sdk";
import type { Breakouts, MeetingState, Participant, PlannedBreakout } from "../../sdk";
import { errorText, t } from "../i18n/index.svelte";
import { prefs } from "../prefs.svelte";
import { LiveRoom } from "./live-room.svelte";
import { notices } from "./notices.svelte";

/** What the parts for groups read and call. */
export interface GroupsModel {
  /** The main room's. */
  readonly state: MeetingState;
  readonly self: Participant | undefined;
  readonly breakouts: Breakouts | null;
  /** The group one belongs to. */
  readonly own: number | null;
  /** The group one is in. */
  readonly within: number | null;
  /** Whether one is on the way. */
  readonly going: boolean;
  go(group: number): Promise<void>;
  back(): void;
  /** Whether it holds; if not, why has been shown. */
  open(groups: readonly PlannedBreakout[], choice: boolean, minutes: number | null): Promise<boolean>;
  assign(person: string, group: number | null): Promise<boolean>;
  extend(minutes: number): void;
  tell(text: string): Promise<boolean>;
  close(): void;
  callHelp(): void;
}

const KINDS = ["microphone", "camera"] as const;
type Kind = (typeof KINDS)[number];
type Devices = Partial<Record<Kind, string>>;

export class Groups implements GroupsModel {
  readonly #main: Room;
  readonly #follow: () => void;
  #inside = $state.raw<{ readonly group: number; readonly room: Room; readonly model: LiveRoom } | null>(null);
  #going = $state(false);
  /** What was on when one left a room, to be on in the next. */
  #devices: Devices = {};
  /** Whether one waits for the main room to know that one is back. */
  #returning = false;

  constructor(main: Room) {
    this.#main = main;
    this.#follow = createSubscriber((update) => main.on("changed", update));
    main.on("changed", () => this.#settle());
  }

  /** The room that is shown instead of the main one. */
  get model(): LiveRoom | null {
    return this.#inside?.model ?? null;
  }
  get state() {
    this.#follow();
    return this.#main.state;
  }
  get self() {
    this.#follow();
    return this.#main.self;
  }
  get breakouts() {
    return this.state.breakouts;
  }
  get own() {
    return breakoutOf(this.breakouts, this.self?.id);
  }
  get within() {
    return this.#inside?.group ?? null;
  }
  get going() {
    return this.#going;
  }

  async go(group: number): Promise<void> {
    if (this.#going || this.#inside?.group === group) return;
    this.#going = true;
    try {
      const token = await this.#main.breakouts.enter(group);
      const before = this.#inside;
      this.#devices = running(before?.room ?? this.#main);
      this.#inside = null;
      before?.room.leave();
      await this.#enter(group, token);
    } catch (thrown) {
      const error = ConfError.from(thrown, "network");
      notices.show(errorText(error), "problem");
      if (this.#inside === null) this.#comeBack();
    } finally {
      this.#going = false;
    }
  }

  back(): void {
    this.#inside?.room.leave();
  }

  /** Lets go of everything; the main room is somebody else's to leave. */
  dispose(): void {
    const inside = this.#inside;
    this.#inside = null;
    inside?.room.leave();
  }

  open(groups: readonly PlannedBreakout[], choice: boolean, minutes: number | null): Promise<boolean> {
    return ask(this.#main.breakouts.open(groups, choice, minutes));
  }
  assign(person: string, group: number | null): Promise<boolean> {
    return ask(this.#main.breakouts.assign(person, group));
  }
  extend(minutes: number): void {
    void ask(this.#main.breakouts.extend(minutes));
  }
  tell(text: string): Promise<boolean> {
    return ask(this.#main.breakouts.tell(text));
  }
  close(): void {
    void ask(this.#main.breakouts.close());
  }
  callHelp(): void {
    void ask(this.#main.breakouts.callHelp()).then((called) => {
      if (called) notices.show(t("groups.help_called"));
    });
  }

  async #enter(group: number, token: string): Promise<void> {
    this.#returning = false;
    this.#main.rest(true);
    const room = new Room();
    let on = this.#devices;
    room.on("changed", () => {
      if (room.connection.kind === "closed") this.#left(room, group, on);
      // What is on is written down while it is: with the room goes what it knows.
      else if (room.connection.kind === "connected" && !this.#going) on = running(room);
    });
    await room.connect(sessionUrl(location.href), token);
    this.#inside = { group, room, model: new LiveRoom(room, null) };
    void room.setBlur(prefs.blur);
    void room.setNoise(prefs.noise);
    switchOn(room, this.#devices);
  }

  /** A group is over for one: into the next, or back. */
  #left(room: Room, group: number, on: Devices): void {
    if (this.#inside?.room !== room) return;
    this.#inside = null;
    this.#devices = on;
    const next = this.#main.connection.kind === "closed" ? null : breakoutOf(this.#main.state.breakouts, this.#main.self?.id);
    const moved = next !== null && next !== group && this.#main.self?.role !== "moderator";
    if (moved) void this.go(next);
    else this.#comeBack();
  }

  #comeBack(): void {
    if (this.#main.connection.kind === "closed") return;
    this.#returning = true;
    this.#main.rest(false);
    this.#settle();
  }

  /** What was on goes on as soon as the main room knows that one is back. */
  #settle(): void {
    const ready = this.#main.connection.kind === "connected" && breakoutWith(this.#main.state.breakouts, this.#main.self?.id) === null;
    if (!this.#returning || !ready) return;
    this.#returning = false;
    switchOn(this.#main, this.#devices);
  }
}

/** The devices that are on or about to be, by id; a microphone that is closed stays closed wherever one goes. */
function running(room: Room): Devices {
  const on = KINDS.filter((kind) => room.local[kind] === "on" || room.local[kind] === "starting");
  return Object.fromEntries(on.map((kind) => [kind, room.ownTrack(kind)?.getSettings().deviceId ?? ""]));
}

function switchOn(room: Room, devices: Devices): void {
  for (const kind of KINDS) {
    const id = devices[kind];
    if (id === undefined) continue;
    if (id !== "") void room.useDevice(kind, id);
    void ask(kind === "microphone" ? room.setMicrophoneEnabled(true) : room.setCameraEnabled(true));
  }
}

async function ask(request: Promise<unknown>): Promise<boolean> {
  try {
    await request;
    return true;
  } catch (thrown) {
    const error = ConfError.from(thrown, "network");
    if (error.code !== "aborted") notices.show(errorText(error), "problem");
    return false;
  }
}
