import { expect, test } from "vitest";
import { readLearning, type LearningPage } from "./learning";
import { PaperRequests } from "./paper-requests";
import type { Figures, RoomSignal } from "./proto";

const figures = (n: number): Figures => ({
  person: `par_${n}`, name: "Ann", role: "participant", standing: "member", here: true,
  present_ms: n, talked_ms: 0, hands: 0, polls: 0, messages: 0,
});
const page = (from: number, count: number, total: number): LearningPage => ({
  type: "learning", from, people: Array.from({ length: count }, (_, n) => figures(from + n)), total, left_out: 7,
});

test("a long list is asked for part by part", async () => {
  const asked: number[] = [];
  const list = await readLearning((from) => {
    asked.push(from);
    return Promise.resolve(page(from, Math.min(2, 5 - from), 5));
  });
  expect(asked).toEqual([0, 2, 4]);
  expect(list.people.map((one) => one.present_ms)).toEqual([0, 1, 2, 3, 4]);
  expect(list.leftOut).toBe(7);
});

test("what is told in answer is read, what is told meanwhile is not, and nothing at all is a failure", async () => {
  let heard: ((signal: RoomSignal) => void) | null = null;
  let answer: RoomSignal | null = { type: "own_learning", figures: figures(3) };
  const papers = new PaperRequests(
    () => {
      heard?.(page(0, 1, 1));
      if (answer !== null) heard?.(answer);
      return Promise.resolve();
    },
    (listener) => {
      heard = listener;
      return () => (heard = null);
    },
  );
  expect(await papers.readOwnFigures()).toEqual(figures(3));
  expect(heard, "nobody listens any more").toBeNull();
  answer = null;
  await expect(papers.readOwnFigures()).rejects.toMatchObject({ code: "not_connected" });
  expect(await papers.readLearning()).toEqual({ people: [figures(0)], leftOut: 7 });
});
