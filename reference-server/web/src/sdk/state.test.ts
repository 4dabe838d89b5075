import { describe, expect, test } from "vitest";
import { reduceHands } from "./hands";
import { reduceLocks } from "./locks";
import { reducePresenter } from "./presenter";
import { reduceLobby } from "./lobby";
import type { EventFrame, LobbyEntry, Participant, RoomEvent, RoomView } from "./proto";
import { find, reduceRoster, speaksFreely } from "./roster";
import { reduceSpotlight } from "./spotlight";
import { emptyState, reduce, stateFromView } from "./state";

const ann: Participant = {
  id: "par_a",
  name: "Ann",
  role: "moderator",
  standing: "member",
  connected: true,
  sources: [],
  muted: false,
  away: false,
  interpreter: false,
  exceptions: [],
};
const ben: Participant = { ...ann, id: "par_b", name: "Ben", role: "participant" };

describe("roster", () => {
  const after = (...events: RoomEvent[]) => events.reduce(reduceRoster, [ann]);

  test("keeps the order of joining and lists nobody twice", () => {
    const roster = after({ type: "joined", participant: ben }, { type: "joined", participant: ben });
    expect(roster.map((p) => p.id)).toEqual(["par_a", "par_b"]);
  });

  test("a lost link keeps the place, a return takes it again", () => {
    expect(after({ type: "link_lost", participant: "par_a" })[0]?.connected).toBe(false);
    expect(after({ type: "link_lost", participant: "par_a" }, { type: "rejoined", participant: "par_a" })[0]?.connected).toBe(true);
  });

  test("a published microphone is open until it is muted", () => {
    const open = after({ type: "published", participant: "par_a", source: "microphone" });
    expect(speaksFreely(open[0] ?? ben)).toBe(true);
    const muted = reduceRoster(open, { type: "muted", participant: "par_a", by: "par_b" });
    expect(speaksFreely(muted[0] ?? ben)).toBe(false);
    const again = reduceRoster(muted, { type: "unmuted", participant: "par_a" });
    expect(speaksFreely(again[0] ?? ben)).toBe(true);
  });

  test("a stopped source is gone, and with the microphone its mute", () => {
    const roster = after(
      { type: "published", participant: "par_a", source: "microphone" },
      { type: "muted", participant: "par_a", by: "par_a" },
      { type: "stopped", participant: "par_a", source: "microphone", by: "par_a" },
    );
    expect(roster[0]).toMatchObject({ sources: [], muted: false });
  });

  test("news about someone who is not here changes nothing", () => {
    const roster = [ann];
    expect(reduceRoster(roster, { type: "muted", participant: "par_x", by: "par_a" })).toBe(roster);
  });
});

test("hands stay in the order in which they were raised and go with their owner", () => {
  const hands = (
    [
      { type: "hand_raised", participant: "par_b" },
      { type: "hand_raised", participant: "par_a" },
      { type: "hand_raised", participant: "par_b" },
    ] satisfies RoomEvent[]
  ).reduce<readonly string[]>(reduceHands, []);
  expect(hands).toEqual(["par_b", "par_a"]);
  expect(reduceHands(hands, { type: "hand_lowered", participant: "par_b", by: "par_a" })).toEqual(["par_a"]);
  expect(reduceHands(hands, { type: "left", participant: "par_a" })).toEqual(["par_b"]);
});

test("locks are kept in their listed order", () => {
  const chat = reduceLocks([], { type: "lock", lock: "chat", on: true, by: "par_a" });
  const both = reduceLocks(chat, { type: "lock", lock: "microphone", on: true, by: "par_a" });
  expect(both).toEqual(["microphone", "chat"]);
  expect(reduceLocks(both, { type: "lock", lock: "chat", on: false, by: "par_a" })).toEqual(["microphone"]);
});

test("the presenter mark leaves with its holder", () => {
  const held = reducePresenter(null, { type: "presenter", participant: "par_a" });
  expect(held).toBe("par_a");
  expect(reducePresenter(held, { type: "left", participant: "par_b" })).toBe("par_a");
  expect(reducePresenter(held, { type: "left", participant: "par_a" })).toBe(null);
});

describe("the lobby", () => {
  const mia: LobbyEntry = { id: "par_m", name: "Mia", role: "participant", standing: "guest", since: 1, connected: true };
  const noa: LobbyEntry = { ...mia, id: "par_n", name: "Noa" };
  const after = (...events: RoomEvent[]) => events.reduce(reduceLobby, [mia, noa]);

  test("is a queue in which nobody stands twice", () => {
    const queue = after({ type: "waiting", entry: { ...mia, since: 9 } });
    expect(queue.map((entry) => entry.id)).toEqual(["par_n", "par_m"]);
  });

  test("keeps the place of a lost link and forgets who waits no more", () => {
    expect(after({ type: "waiting_link", participant: "par_m", connected: false })[0]).toMatchObject({ id: "par_m", connected: false });
    expect(after({ type: "wait_ended", participant: "par_m" })).toEqual([noa]);
    const queue = [mia];
    expect(reduceLobby(queue, { type: "wait_ended", participant: "par_x" })).toBe(queue);
  });
});

test("the spotlight goes out when its person goes", () => {
  const on = reduceSpotlight(null, { type: "spotlight", participant: "par_a" });
  expect(on).toBe("par_a");
  expect(reduceSpotlight(on, { type: "left", participant: "par_b" })).toBe("par_a");
  expect(reduceSpotlight(on, { type: "left", participant: "par_a" })).toBeNull();
  expect(reduceSpotlight(on, { type: "spotlight", participant: null })).toBeNull();
});

test("how guests and newcomers are met follows the moderators", () => {
  const frames: RoomEvent[] = [
    { type: "guests", policy: "deny", by: "par_a" },
    { type: "join_muted", on: true },
    { type: "lobby_message", text: "At ten." },
  ];
  const state = frames.reduce((now, event, n) => reduce(now, { seq: n + 1, at: 0, event }), emptyState());
  expect(state).toMatchObject({ guests: "deny", joinMuted: true, lobbyMessage: "At ten." });
});

describe("the meeting", () => {
  const frame = (seq: number, event: RoomEvent): EventFrame => ({ seq, at: 0, event });

  test("an entry that was seen changes nothing", () => {
    const state = { ...emptyState(), seq: 7 };
    expect(reduce(state, frame(7, { type: "joined", participant: ann }))).toBe(state);
  });

  test("numbers may have gaps", () => {
    const state = reduce({ ...emptyState(), seq: 7 }, frame(12, { type: "joined", participant: ann }));
    expect(state.seq).toBe(12);
    expect(find(state.roster, "par_a")).toEqual(ann);
  });

  test("a view carried on by events is the meeting, until it ends", () => {
    const view: RoomView = {
      room: "room_1",
      name: "R",
      opened_at: 5,
      participants: [ann],
      presenter: null,
      asking_to_present: [],
      layout: null,
      minute_taker: null,
      hands: [],
      chat: [],
      private: [],
      older_chat: { everyone: false, with: [] },
      caption_writers: [],
      captions: [],
      files: [],
      file_rules: { bytes: 0, endings: [] },
      polls: [],
      timer: null,
      picked: null,
      breakouts: null,
      votes: [],
      locks: [],
      guests: "accept",
      join_muted: true,
      minutes: null,
      attendance: true,
      learning: true,
      spotlight: null,
      lobby: [],
      lobby_message: "Soon.",
    };
    const state = reduce(stateFromView(view, 3), frame(4, { type: "ended", reason: "empty" }));
    expect(state).toMatchObject({
      name: "R",
      openedAt: 5,
      guests: "accept",
      joinMuted: true,
      lobbyMessage: "Soon.",
      ended: "empty",
      seq: 4,
    });
  });
});
