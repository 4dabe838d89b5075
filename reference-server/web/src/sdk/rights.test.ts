import { expect, test } from "vitest";
import { lockedFor } from "./locks";
import type { Participant, RoomEvent } from "./proto";
import { find } from "./roster";
import { mayWatch } from "./sight";
import { emptyState, reduce, type MeetingState } from "./state";

const person = (id: string, change: Partial<Participant> = {}): Participant => ({
  id,
  name: id,
  role: "participant",
  standing: "member",
  connected: true,
  sources: [],
  muted: false,
  away: false,
  interpreter: false,
  exceptions: [],
  ...change,
});
const start: MeetingState = { ...emptyState(), roster: [person("ann", { role: "moderator" }), person("bob"), person("cleo")] };
const after = (...events: RoomEvent[]): MeetingState =>
  events.reduce((state, event, at) => reduce(state, { seq: at + 1, at, event }), start);
const lock = (which: "screen" | "see_cameras", on: boolean): RoomEvent => ({ type: "lock", lock: which, on, by: "ann" });
const lift = (on: boolean): RoomEvent => ({ type: "exception", participant: "bob", lock: "screen", on, by: "ann" });

test("a lock is lifted for one person, and for nobody once it is off", () => {
  const lifted = after(lock("screen", true), lift(true));
  expect(lockedFor(lifted.locks, find(lifted.roster, "bob"), "screen")).toBe(false);
  expect(lockedFor(lifted.locks, find(lifted.roster, "cleo"), "screen")).toBe(true);
  expect(lockedFor(lifted.locks, find(lifted.roster, "ann"), "screen")).toBe(false);
  const again = after(lock("screen", true), lift(true), lock("screen", false), lock("screen", true));
  expect(lockedFor(again.locks, find(again.roster, "bob"), "screen")).toBe(true);
  const inherited: RoomEvent = { type: "exceptions_inherited", participant: "bob", exceptions: [] };
  expect(find(after(lock("screen", true), lift(true), inherited).roster, "bob")?.exceptions).toEqual([]);
  const back = after(lock("screen", true), lift(true), lift(false));
  expect(find(back.roster, "bob")?.exceptions).toEqual([]);
});

test("requests to present stand in order and end with the mark, a no, a promotion or a leave", () => {
  const asked: RoomEvent[] = ["cleo", "bob"].map((participant) => ({ type: "presenter_asked", participant }));
  expect(after(...asked, ...asked).askingToPresent).toEqual(["cleo", "bob"]);
  const ends: RoomEvent[] = [
    { type: "presenter", participant: "cleo" },
    { type: "presenter_ask_ended", participant: "cleo", by: "ann" },
    { type: "role", participant: "cleo", role: "moderator", by: "ann" },
    { type: "left", participant: "cleo" },
  ];
  for (const end of ends) expect(after(...asked, end).askingToPresent).toEqual(["bob"]);
});

test("role, name and marks follow what happens", () => {
  const state = after(
    { type: "role", participant: "bob", role: "moderator", by: "ann" },
    { type: "renamed", participant: "bob", name: "Robert", by: "ann" },
    { type: "interpreter", participant: "bob", on: true },
    { type: "minute_taker", participant: "cleo" },
    { type: "away", participant: "bob", on: true },
  );
  expect(find(state.roster, "bob")).toMatchObject({ role: "moderator", name: "Robert", interpreter: true, away: true });
  expect(state.minuteTaker).toBe("cleo");
  expect(reduce(state, { seq: 9, at: 0, event: { type: "left", participant: "cleo" } }).minuteTaker).toBeNull();
});

test("hidden cameras are those of participants, for all but moderators", () => {
  const state = after(lock("see_cameras", true));
  const sees = (viewer: string, owner: string, of = state) => mayWatch(of, find(of.roster, viewer), owner, "camera");
  expect(sees("bob", "cleo")).toBe(false);
  expect(sees("bob", "bob") && sees("bob", "ann") && sees("ann", "cleo")).toBe(true);
  expect(sees("bob", "cleo", { ...state, presenter: "cleo" })).toBe(true);
  expect(mayWatch(state, find(state.roster, "bob"), "cleo", "screen")).toBe(true);
  expect(sees("bob", "cleo", after(lock("see_cameras", true), lock("see_cameras", false)))).toBe(true);
});

test("who is shown comes with their hand, and who is hidden goes with all that was known of them", () => {
  const shown = (change: Partial<Extract<RoomEvent, { type: "shown" }>>): RoomEvent => ({
    type: "shown", appeared: [], hands: [], vanished: [], presenter: "ann", spotlight: null, ...change,
  });
  const state = after(shown({ vanished: ["cleo"] }), shown({ appeared: [person("dan"), person("cleo")], hands: ["dan"], spotlight: "dan" }));
  expect(state.roster.map((one) => one.id)).toEqual(["ann", "bob", "dan", "cleo"]);
  expect([state.hands, state.spotlight, state.presenter]).toEqual([["dan"], "dan", "ann"]);
  const without = reduce(state, { seq: 9, at: 0, event: shown({ vanished: ["dan"], presenter: "bob" }) });
  expect(without.roster.map((one) => one.id)).toEqual(["ann", "bob", "cleo"]);
  expect([without.hands, without.spotlight, without.presenter]).toEqual([[], null, "bob"]);
});
