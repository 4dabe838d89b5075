import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Announcer, digestOf, type Digest } from "./announcer";

let spoken: Digest[];
let announcer: Announcer;

beforeEach(() => {
  vi.useFakeTimers();
  spoken = [];
  announcer = new Announcer((digest) => spoken.push(digest));
});
afterEach(() => {
  vi.useRealTimers();
});

test("a class that comes in is one sentence", () => {
  for (let n = 0; n < 30; n += 1) announcer.add({ kind: "joined", name: `P${n}` });
  vi.advanceTimersByTime(1_500);
  expect(spoken).toHaveLength(1);
  expect(spoken[0]?.joined).toHaveLength(30);
});

test("however much happens, there are seconds between two sentences", () => {
  for (let n = 0; n < 100; n += 1) {
    announcer.add({ kind: "chat" });
    vi.advanceTimersByTime(200);
  }
  // 20 s of a chat at five lines a second.
  expect(spoken.length).toBeGreaterThanOrEqual(3);
  expect(spoken.length).toBeLessThanOrEqual(4);
  vi.advanceTimersByTime(5_000);
  expect(spoken.reduce((sum, digest) => sum + digest.chat, 0)).toBe(100);
});

test("who came and went between two sentences is not spoken of", () => {
  expect(digestOf([{ kind: "joined", name: "Ann" }, { kind: "left", name: "Ann" }])).toBeNull();
  expect(digestOf([{ kind: "left", name: "Ann" }, { kind: "joined", name: "Ann" }, { kind: "hand", name: "Ben" }])).toEqual({
    joined: [], left: [], waits: [], hand: ["Ben"], asks: [], screen: [], mention: [], private: [], file: [], live: [], poll: [], reactions: [], chat: 0,
  });
});

test("silence stays silence", () => {
  vi.advanceTimersByTime(60_000);
  expect(spoken).toEqual([]);
});

test("applause is a number of people, however often they clap", () => {
  const clap = (by: string) => ({ kind: "reaction", reaction: "clap", by }) as const;
  const digest = digestOf([clap("par_a"), { kind: "reaction", reaction: "heart", by: "par_a" }, clap("par_b"), clap("par_a")]);
  expect(digest?.reactions).toEqual([
    { reaction: "heart", count: 1 },
    { reaction: "clap", count: 2 },
  ]);
});
