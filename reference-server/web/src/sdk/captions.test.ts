import { expect, test } from "vitest";
import { MAX_CAPTIONS, reduceCaptions, reduceCaptionWriters, reduceDraftEvent, reduceDraftSignal } from "./captions";
import type { CaptionLine, RoomEvent } from "./proto";

const line = (n: number, language = "de"): CaptionLine => ({ id: `cap_${n}`, by: "bob", language, at: n, text: `Zeile ${n}` });

test("one writes in a language, another takes over, and who goes takes the mark along", () => {
  const writer = (language: string, participant: string): RoomEvent => ({ type: "caption_writer", writer: { language, participant }, by: "ann" });
  const two = [writer("en", "cleo"), writer("de", "bob")].reduce(reduceCaptionWriters, []);
  expect(two).toEqual([
    { language: "de", participant: "bob" },
    { language: "en", participant: "cleo" },
  ]);
  const taken = reduceCaptionWriters(two, writer("de", "cleo"));
  expect(reduceCaptionWriters(taken, { type: "left", participant: "cleo" })).toEqual([]);
  const ended: RoomEvent = { type: "caption_writer_ended", writer: { language: "en", participant: "cleo" }, by: "ann" };
  expect(reduceCaptionWriters(two, ended)).toEqual([{ language: "de", participant: "bob" }]);
});

test("lines follow each other, are corrected, and the oldest go", () => {
  let lines = [line(1)] as readonly CaptionLine[];
  lines = reduceCaptions(lines, { type: "caption", line: line(2, "en") });
  lines = reduceCaptions(lines, { type: "caption_corrected", line: "cap_1", text: "Satz 1" });
  expect(lines.map((one) => one.text)).toEqual(["Satz 1", "Zeile 2"]);
  const many = Array.from({ length: MAX_CAPTIONS }, (_, n) => line(n));
  const after = reduceCaptions(many, { type: "caption", line: line(9_999) });
  expect([after.length, after[0]?.id]).toEqual([MAX_CAPTIONS, "cap_1"]);
});

test("what is being written grows, and is gone once it is said, given up or cut off", () => {
  const draft = (text: string | null) => ({ type: "caption", by: "bob", language: "de", text }) as const;
  const grown = [draft("Gu"), draft("Guten")].reduce(reduceDraftSignal, []);
  expect(grown).toEqual([{ by: "bob", language: "de", text: "Guten" }]);
  expect(reduceDraftEvent(grown, { type: "caption", line: line(1, "en") })).toBe(grown);
  expect(reduceDraftEvent(grown, { type: "caption", line: line(1) })).toEqual([]);
  expect(reduceDraftEvent(grown, { type: "link_lost", participant: "bob" })).toEqual([]);
  expect(reduceDraftSignal(grown, draft(null))).toEqual([]);
});
