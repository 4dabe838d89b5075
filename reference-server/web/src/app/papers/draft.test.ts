import { beforeEach, expect, test, vi } from "vitest";
import { Draft, SAVE_AFTER_MS, type Kept } from "./draft.svelte";

const minutes = (text: string, version: number) => ({ text, by: "par_2", version, released: false });

beforeEach(() => vi.useFakeTimers());

function draft(...answers: Kept[]) {
  const written: [string, number][] = [];
  const made = new Draft((text, over) => {
    written.push([text, over]);
    return Promise.resolve(answers.shift() ?? "kept");
  });
  return { draft: made, written };
}

test("what is typed is kept in one go, a while after the first key", async () => {
  const { draft: one, written } = draft();
  for (const text of ["W", "We", "We begin."]) one.type(text);
  expect(one.status).toBe("saving");
  await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
  expect(written).toEqual([["We begin.", 0]]);
  one.seen(minutes("We begin.", 1));
  expect(one.status).toBe("saved");
  one.type("We begin. ");
  one.type("We begin. Bob speaks.");
  await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
  expect(written.at(-1)).toEqual(["We begin. Bob speaks.", 1]);
});

test("what came too soon is kept later", async () => {
  const { draft: one, written } = draft("later");
  one.type("a");
  await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
  await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
  expect(written).toEqual([["a", 0], ["a", 0]]);
  expect(one.status).toBe("saved");
});

test("others' words are taken where one has none, and stand beside one's own where one has", async () => {
  const { draft: one, written } = draft();
  one.seen(minutes("theirs", 1));
  expect(one.text).toBe("theirs");
  one.type("theirs and mine");
  one.seen(minutes("theirs anew", 2));
  expect(one.status).toBe("conflict");
  one.type("theirs and mine too");
  await vi.advanceTimersByTimeAsync(2 * SAVE_AFTER_MS);
  expect(written).toEqual([]);
  one.settle("own");
  await vi.advanceTimersByTimeAsync(0);
  expect(written).toEqual([["theirs and mine too", 2]]);
  one.type("mine alone");
  one.seen(minutes("theirs again", 4));
  one.settle("theirs");
  expect([one.text, one.status]).toEqual(["theirs again", "saved"]);
});

test("what was kept although no answer came is not taken for another's words", async () => {
  const { draft: one, written } = draft("later");
  one.type("a");
  await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
  one.type("ab");
  one.seen(minutes("a", 1));
  expect([one.text, one.status]).toEqual(["ab", "saving"]);
  await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
  expect(written.at(-1)).toEqual(["ab", 1]);
});

test("what others wrote while one's own was under way is found when it is refused", async () => {
  const one: Draft = new Draft(() => {
    one.seen(minutes("theirs", 1));
    return Promise.resolve<Kept>("changed");
  });
  one.type("mine");
  await vi.advanceTimersByTimeAsync(SAVE_AFTER_MS);
  expect([one.text, one.status, one.theirs?.text]).toEqual(["mine", "conflict", "theirs"]);
});
