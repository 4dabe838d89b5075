// Getting in: the link's key becomes a token, the token a room, and what was switched on goes along.

import { ConfError, Room, joinToken, publishes, sessionUrl } from "../../sdk";
import { errorText, t } from "../i18n/index.svelte";
import { notices } from "../live/notices.svelte";
import { prefs } from "../prefs.svelte";
import { Preview } from "./preview.svelte";
import type { Place } from "./place";

export interface Entry {
  readonly room: Room;
  /** What one looks at before being inside; it goes when the room is closed. */
  readonly preview: Preview;
  readonly id: string;
  readonly token: string;
  readonly name: string;
  readonly title: string;
}

export interface Wanted {
  readonly room: string;
  readonly key: string;
  readonly name: string;
  /** What the room is called. */
  readonly title: string;
}

function tell(thrown: unknown): void {
  notices.show(errorText(ConfError.from(thrown, "network")), "problem");
}

/** Somebody may leave the browser's question unanswered; the meeting does not wait for that. */
const DEVICES_WITHIN_MS = 5_000;

/** Enters by a link, or into the lobby. What fails to go along afterwards is shown. */
export async function enter(wanted: Wanted, preview: Preview, signal: AbortSignal): Promise<Entry> {
  const { token } = await joinToken(wanted.room, wanted.key, wanted.name, signal);
  return begin({ ...wanted, id: wanted.room, token }, preview, signal);
}

/**
 * Enters again after a reload, with the microphone and camera that were on.
 * They are opened first: the room then sees no gap. What the browser would
 * have to ask for again stays off.
 */
export async function comeBack(place: Place, signal: AbortSignal): Promise<Entry> {
  const preview = new Preview("unseen");
  try {
    const wanted = (["microphone", "camera"] as const).filter((kind) => place[kind]);
    const asked = await Promise.all(wanted.map(asks));
    wanted.forEach((kind, n) => {
      if (asked[n] !== true) void preview.toggle(kind);
    });
    await preview.settled(DEVICES_WITHIN_MS);
    if (asked.includes(true)) notices.show(t("return.asks"));
    for (const kind of wanted) {
      const problem = preview.problem[kind];
      if (problem !== null) tell(problem);
    }
    if (preview.replaced.microphone) tell(new ConfError("microphone_other"));
    return await begin({ ...place, id: place.room }, preview, signal);
  } catch (thrown) {
    preview.dispose();
    throw thrown;
  }
}

async function begin(
  who: { readonly id: string; readonly token: string; readonly name: string; readonly title: string },
  preview: Preview,
  signal: AbortSignal,
): Promise<Entry> {
  const room = new Room();
  await room.connect(sessionUrl(location.href), who.token, { signal });
  let inside = false;
  const follow = (): void => {
    const { kind } = room.connection;
    if (kind === "closed") preview.dispose();
    else if (kind === "waiting") inside = false;
    else if (kind === "connected" && !inside) {
      inside = true;
      void takeAlong(room, preview);
    }
  };
  room.on("changed", follow);
  follow();
  const { id, token, name, title } = who;
  return { room, preview, id, token, name, title };
}

/** What is switched on goes on inside; if that fails the person is in without it. */
async function takeAlong(room: Room, preview: Preview): Promise<void> {
  // Without a wait where none is needed: this must come before the room's own tidying up.
  if (preview.busy) await preview.settled(DEVICES_WITHIN_MS);
  // Nothing is on yet: what is chosen here holds for whatever is switched on later.
  void room.setBlur(prefs.blur);
  void room.setNoise(prefs.noise);
  for (const kind of ["microphone", "camera"] as const) {
    if (preview.chosen[kind] !== "") void room.useDevice(kind, preview.chosen[kind]);
  }
  const { microphone, camera } = preview.take();
  const self = room.self;
  if (microphone !== null) {
    // Closed by a moderator while the page was away: only a click of its owner opens it.
    if (publishes(self, "microphone") && self?.muted === true) microphone.stop();
    else {
      const startsMuted = (): void => {
        if (room.local.microphone === "muted") notices.show(t("join.starts_muted"));
      };
      room.setMicrophoneEnabled(true, microphone).then(startsMuted, tell);
    }
  }
  if (camera !== null) room.setCameraEnabled(true, camera).catch(tell);
}

/** Whether the browser would ask the person first; one that does not say is tried. */
async function asks(kind: "microphone" | "camera"): Promise<boolean> {
  try {
    return (await navigator.permissions.query({ name: kind })).state === "prompt";
  } catch {
    return false;
  }
}
