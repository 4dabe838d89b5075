// Lines one person wrote in a row, under one name, and the results of polls between them.

import type { ChatLine, SharedFile } from "../../../sdk";
import type { Told } from "../poll/reading";

/** What stands in a conversation: a line, or a file that was handed on. */
export type Entry = ChatLine | SharedFile;

export function isFile(entry: Entry): entry is SharedFile {
  return "bytes" in entry;
}

/** Both lists as one, oldest first. */
export function together(lines: readonly ChatLine[], files: readonly SharedFile[]): readonly Entry[] {
  if (files.length === 0) return lines;
  return [...lines, ...files].sort((a, b) => a.at - b.at);
}

export interface Group<T extends Entry = Entry> {
  readonly kind: "lines";
  readonly key: string;
  readonly from: string;
  readonly name: string | null;
  readonly at: number;
  readonly lines: readonly T[];
}

const TOGETHER_MS = 3 * 60_000;

export interface Result extends Told {
  readonly kind: "result";
  readonly key: string;
}

/** Both in the order of time; a result ends the group before it. */
export function groupLines<T extends Entry>(lines: readonly T[], told: readonly Told[] = []): readonly (Group<T> | Result)[] {
  const groups: ((Group<T> & { lines: T[] }) | Result)[] = [];
  const results = told.map((one): Result => ({ kind: "result", key: one.poll.id, ...one }));
  for (const line of lines) {
    while (results[0] !== undefined && results[0].at < line.at) groups.push(...results.splice(0, 1));
    const last = groups.at(-1);
    if (last?.kind === "lines" && last.from === line.from && line.at - last.at < TOGETHER_MS) last.lines.push(line);
    else groups.push({ kind: "lines", key: line.id, from: line.from, name: line.name, at: line.at, lines: [line] });
  }
  return [...groups, ...results];
}
