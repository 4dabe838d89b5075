// Lines one person wrote in a row, under one name.

import type { ChatLine, SharedFile } from "../../../sdk";

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
  readonly key: string;
  readonly from: string;
  readonly name: string | null;
  readonly at: number;
  readonly lines: readonly T[];
}

const TOGETHER_MS = 3 * 60_000;

export function groupLines<T extends Entry>(lines: readonly T[]): readonly Group<T>[] {
  const groups: (Group<T> & { lines: T[] })[] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last !== undefined && last.from === line.from && line.at - last.at < TOGETHER_MS) last.lines.push(line);
    else groups.push({ key: line.id, from: line.from, name: line.name, at: line.at, lines: [line] });
  }
  return groups;
}
