import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ByeReason, ClientMessage, EventFrame, RoomEvent, RoomSignal, ServerMessage } from "./proto";
import { reduce, emptyState, stateFromView } from "./state";

// The examples conf-proto's own tests read: both sides must understand the same files.
const folder = join(import.meta.dirname, "../../../../conf-proto/fixtures");
const files = readdirSync(folder);
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), "utf8"));
const named = (prefix: string): string[] => files.filter((file) => file.startsWith(prefix));

// Complete by type: a message that is new in conf-proto does not compile here.
const CLIENT: Record<ClientMessage["type"], true> = {
  hello: true,
  offer: true,
  wish: true,
  ping: true,
  leave: true,
  end: true,
  publish: true,
  stop: true,
  mute: true,
  unmute: true,
  raise_hand: true,
  lower_hand: true,
  lower_all_hands: true,
  react: true,
  set_timer: true,
  pause_timer: true,
  resume_timer: true,
  stop_timer: true,
  pick: true,
  chat: true,
  edit_chat: true,
  delete_chat: true,
  react_chat: true,
  clear_chat: true,
  offer_file: true,
  file_token: true,
  delete_file: true,
  typing: true,
  live_text: true,
  give_presenter: true,
  set_lock: true,
  admit: true,
  admit_all: true,
  deny: true,
  set_guests: true,
  set_lobby_message: true,
  set_join_muted: true,
  remove: true,
  rotate_link: true,
  spotlight: true,
  ask_to_unmute: true,
  mute_all: true,
  take_presenter: true,
  ask_to_present: true,
  decline_presenter: true,
  promote: true,
  demote: true,
  set_exception: true,
  rename: true,
  report: true,
  share_layout: true,
  set_minute_taker: true,
  write_minutes: true,
  release_minutes: true,
  show_attendance: true,
  show_learning: true,
  show_own_learning: true,
  set_interpreter: true,
  set_away: true,
  set_caption_writer: true,
  draft_caption: true,
  write_caption: true,
  correct_caption: true,
  show_chat: true,
  save_captions: true,
  start_poll: true,
  vote: true,
  answer_poll: true,
  close_poll: true,
  publish_poll: true,
  put_poll_away: true,
  withdraw_poll: true,
  open_breakouts: true,
  assign_breakout: true,
  enter_breakout: true,
  call_help: true,
  extend_breakouts: true,
  tell_breakouts: true,
  close_breakouts: true,
  open_vote: true,
  take_ballot: true,
  close_vote: true,
};
const SERVER: Record<Exclude<ServerMessage["type"], "event" | "signal">, true> = {
  welcome: true,
  done: true,
  refused: true,
  answer: true,
  slots: true,
  speaking: true,
  bye: true,
  waiting: true,
  lobby: true,
  layers: true,
  quality: true,
  guest_link: true,
  breakout_pass: true,
  upload: true,
  file_token: true,
  ballot: true,
  storage: true,
  withheld: true,
  room: true,
};
const EVENT: Record<RoomEvent["type"], true> = {
  joined: true,
  shown: true,
  link_lost: true,
  rejoined: true,
  left: true,
  published: true,
  stopped: true,
  muted: true,
  unmuted: true,
  hand_raised: true,
  hand_lowered: true,
  chat: true,
  chat_edited: true,
  chat_deleted: true,
  chat_reacted: true,
  chat_cleared: true,
  file_shared: true,
  file_deleted: true,
  presenter: true,
  lock: true,
  ended: true,
  waiting: true,
  waiting_link: true,
  wait_ended: true,
  guests: true,
  lobby_message: true,
  join_muted: true,
  link_rotated: true,
  spotlight: true,
  role: true,
  renamed: true,
  presenter_asked: true,
  presenter_ask_ended: true,
  exception: true,
  layout: true,
  minute_taker: true,
  minutes_written: true,
  minutes_released: true,
  interpreter: true,
  away: true,
  caption_writer: true,
  caption_writer_ended: true,
  caption: true,
  caption_corrected: true,
  timer_set: true,
  timer_paused: true,
  timer_resumed: true,
  timer_stopped: true,
  picked: true,
  poll_started: true,
  poll_key_set: true,
  poll_answered: true,
  voted: true,
  poll_turnout: true,
  poll_closed: true,
  poll_tallied: true,
  poll_published: true,
  poll_put_away: true,
  poll_withdrawn: true,
  breakouts_opened: true,
  breakout_assigned: true,
  breakout_entered: true,
  breakout_left: true,
  help_called: true,
  help_ended: true,
  breakouts_extended: true,
  breakouts_told: true,
  breakouts_closed: true,
  locks_inherited: true,
  exceptions_inherited: true,
  vote_opened: true,
  vote_turnout: true,
  vote_closing: true,
  vote_closed: true,
};
const SIGNAL: Record<RoomSignal["type"], true> = {
  asked_to_unmute: true,
  typing: true,
  live_text: true,
  reacted: true,
  attendance: true,
  learning: true,
  own_learning: true,
  poll_turnout: true,
  caption: true,
  chat: true,
  caption_text: true,
};
const BYE: Record<ByeReason, true> = {
  left: true, replaced: true, ended: true, removed: true, denied: true, slow: true, protocol: true, shutdown: true,
};

test("every kind of message has an example", () => {
  expect(named("client-").sort()).toEqual(Object.keys(CLIENT).map((kind) => `client-${kind}.json`).sort());
  expect(named("event-").sort()).toEqual(Object.keys(EVENT).map((kind) => `event-${kind}.json`).sort());
  expect(named("signal-").sort()).toEqual(Object.keys(SIGNAL).map((kind) => `signal-${kind}.json`).sort());
  expect(named("server-").sort()).toEqual(
    [...Object.keys(SERVER), "welcome-resumed"].map((kind) => `server-${kind}.json`).sort(),
  );
});

test.each(named("event-"))("%s can be applied to a meeting", (file) => {
  const frame = read(file) as EventFrame & { type: string };
  expect(frame.type).toBe("event");
  expect(reduce(emptyState(), frame).seq).toBe(frame.seq);
});

test("the welcome's view becomes a meeting", () => {
  const welcome = read("server-welcome.json") as Extract<ServerMessage, { type: "welcome" }>;
  if (welcome.room === undefined) throw new Error("the example has no room");
  expect(stateFromView(welcome.room, welcome.seq)).toMatchObject({ name: "Staff room", locks: ["chat"], seq: 41 });
});

test("the goodbye's reason is a known one", () => {
  expect(BYE).toHaveProperty((read("server-bye.json") as { reason: string }).reason);
});
