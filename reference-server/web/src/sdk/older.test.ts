import { expect, test } from "vitest";
import { hasOlder, linesWith, reduceOlder, reduceOlderLines, type Chats } from "./older";
import type { ChatLine } from "./proto";

const line = (n: number, from = "par_a", to?: string): ChatLine => ({
  id: `msg_${n}`,
  from,
  name: from,
  text: `${n}`,
  at: n,
  ...(to === undefined ? {} : { to }),
});
const chats: Chats = {
  chat: [line(7)],
  privateChat: [line(4, "par_a", "par_c"), line(8, "par_b", "par_a")],
  older: { everyone: true, with: ["par_b", "par_c"] },
};

test("lines that were asked for come before those one has, none twice", () => {
  const part = reduceOlderLines(chats, { type: "chat", lines: [line(5), line(6), line(7)], older: true });
  expect(part.chat.map((one) => one.at)).toEqual([5, 6, 7]);
  expect(hasOlder(part.older, null)).toBe(true);
  const all = reduceOlderLines(part, { type: "chat", lines: [line(1)], older: false });
  expect(all.chat.map((one) => one.at)).toEqual([1, 5, 6, 7]);
  expect(all.older).toEqual({ everyone: false, with: ["par_b", "par_c"] });
});

test("those of one conversation stand between those of others, in the order of time", () => {
  const lines = [line(3, "par_a", "par_b"), line(5, "par_b", "par_a")];
  const after = reduceOlderLines(chats, { type: "chat", with: "par_b", lines, older: false });
  expect(after.privateChat.map((one) => one.at)).toEqual([3, 4, 5, 8]);
  expect(linesWith(after, "par_b", "par_a").map((one) => one.at)).toEqual([3, 5, 8]);
  expect(after.older).toEqual({ everyone: true, with: ["par_c"] });
  expect(after.chat).toBe(chats.chat);
});

test("before a chat that was emptied there is nothing", () => {
  expect(reduceOlder(chats.older, { type: "chat_cleared", by: "par_a" })).toEqual({ everyone: false, with: ["par_b", "par_c"] });
});
