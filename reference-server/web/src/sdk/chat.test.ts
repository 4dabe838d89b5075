import { expect, test } from "vitest";
import { MAX_LINES, otherOf, reduceChat, reducePrivateChat } from "./chat";
import type { ChatLine, RoomEvent } from "./proto";

const line = (n: number, to?: string): ChatLine => ({
  id: `msg_${n}`,
  from: "par_a",
  name: "Ann",
  text: `${n}`,
  at: n,
  ...(to === undefined ? {} : { to }),
});

test("the chat is bounded and says nothing twice", () => {
  let chat = reduceChat([], { type: "chat", line: line(0) }, 0);
  expect(reduceChat(chat, { type: "chat", line: line(0) }, 0)).toBe(chat);
  for (let n = 1; n < MAX_LINES + 5; n += 1) chat = reduceChat(chat, { type: "chat", line: line(n) }, n);
  expect(chat).toHaveLength(MAX_LINES);
  expect(chat[0]?.id).toBe("msg_5");
});

test("what is private is in its own list, and only there", () => {
  const event: RoomEvent = { type: "chat", line: line(1, "par_b") };
  expect(reduceChat([], event, 1)).toEqual([]);
  expect(reducePrivateChat([], event, 1)).toEqual([line(1, "par_b")]);
  expect(reducePrivateChat([], { type: "chat", line: line(2) }, 2)).toEqual([]);
  expect(otherOf(line(1, "par_b"), "par_a")).toBe("par_b");
  expect(otherOf(line(1, "par_b"), "par_b")).toBe("par_a");
  expect(otherOf(line(2), "par_a")).toBeNull();
});

test("an edited line says so, and since when", () => {
  const chat = reduceChat([line(1), line(2)], { type: "chat_edited", message: "msg_2", text: "two" }, 9);
  expect(chat[1]).toMatchObject({ text: "two", edited_at: 9, at: 2 });
  expect(chat[0]).toEqual(line(1));
});

test("a deleted line keeps nothing of what it said", () => {
  const before = [{ ...line(1), reactions: [{ reaction: "heart" as const, by: ["par_b"] }] }];
  const [gone] = reduceChat(before, { type: "chat_deleted", message: "msg_1", by: "par_m" }, 9);
  expect(gone).toMatchObject({ text: null, deleted_by: "par_m", reactions: [] });
});

test("a sign is put once a person, and the last to take it back takes it away", () => {
  const put = (by: string, on: boolean): RoomEvent => ({ type: "chat_reacted", message: "msg_1", by, reaction: "clap", on });
  let chat = reduceChat([line(1)], put("par_b", true), 1);
  chat = reduceChat(chat, put("par_b", true), 2);
  chat = reduceChat(chat, put("par_c", true), 3);
  expect(chat[0]?.reactions).toEqual([{ reaction: "clap", by: ["par_b", "par_c"] }]);
  chat = reduceChat(chat, put("par_b", false), 4);
  chat = reduceChat(chat, put("par_c", false), 5);
  expect(chat[0]?.reactions).toEqual([]);
});

test("clearing empties what all see and leaves what two wrote", () => {
  const event: RoomEvent = { type: "chat_cleared", by: "par_m" };
  expect(reduceChat([line(1)], event, 1)).toEqual([]);
  const kept = [line(2, "par_b")];
  expect(reducePrivateChat(kept, event, 1)).toBe(kept);
});

test("what concerns a line that is not kept changes nothing", () => {
  const chat = [line(1)];
  expect(reduceChat(chat, { type: "chat_edited", message: "msg_9", text: "x" }, 1)).toBe(chat);
  expect(reduceChat(chat, { type: "hand_raised", participant: "par_b" }, 1)).toBe(chat);
});
