import { expect, test } from "vitest";
import type { CaptionLine } from "../../sdk";
import { languageName } from "./languages";
import { asPlain, asVtt } from "./text";

const line = (at: number, text: string | null): CaptionLine => ({ id: `cap_${at}`, by: "bob", language: "de", at, text });

test("lines become cues that stand until the next and never overlap", () => {
  const lines = [line(11_000, "Guten Morgen."), line(12_500, "a < b && c --> d"), line(13_000, null), line(3_671_500, "Ende")];
  expect(asVtt(lines, 10_000)).toBe(
    [
      "WEBVTT",
      "",
      "00:00:01.000 --> 00:00:02.500",
      "Guten Morgen.",
      "",
      "00:00:02.500 --> 00:00:03.000",
      "a &lt; b &amp;&amp; c --&gt; d",
      "",
      "01:01:01.500 --> 01:01:03.500",
      "Ende",
      "",
    ].join("\n"),
  );
});

test("plain text has a line each, with its time", () => {
  expect(asPlain([line(1, "Guten Morgen."), line(2, null), line(3, "Ende")], (at) => `0${at}`)).toBe("[01] Guten Morgen.\n[03] Ende\n");
});

test("a language has a name where the browser knows one", () => {
  expect([languageName("de", "en"), languageName("no such tag", "en")]).toEqual(["German", "no such tag"]);
});
