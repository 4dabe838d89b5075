// Captions as files: WebVTT (W3C), and plain text with the time of each line.

import type { CaptionLine } from "../../sdk";

/** The shortest and the longest time a line stands, and how long one letter takes to read. */
const LEAST_MS = 2_000;
const MOST_MS = 7_000;
const LETTER_MS = 70;

/** Cues from the beginning of the meeting; a line stands until the next, or as long as it takes to read. */
export function asVtt(lines: readonly CaptionLine[], openedAt: number): string {
  const cues = lines.flatMap((line, at) => {
    if (line.text === null) return [];
    const stands = Math.min(MOST_MS, Math.max(LEAST_MS, line.text.length * LETTER_MS));
    const next = lines[at + 1]?.at ?? Infinity;
    const start = Math.max(0, line.at - openedAt);
    // A cue has a length, even where two lines came at once.
    const end = Math.max(start + 1, Math.min(start + stands, next - openedAt));
    return [`${stamp(start)} --> ${stamp(end)}\n${escaped(line.text)}\n`];
  });
  return ["WEBVTT\n", ...cues].join("\n");
}

export function asPlain(lines: readonly CaptionLine[], clock: (at: number) => string): string {
  return lines.flatMap((line) => (line.text === null ? [] : [`[${clock(line.at)}] ${line.text}\n`])).join("");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function stamp(ms: number): string {
  const two = (n: number): string => String(Math.floor(n)).padStart(2, "0");
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}.${String(ms % 1_000).padStart(3, "0")}`;
}
