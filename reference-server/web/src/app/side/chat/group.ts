// Lines one person wrote in a row, under one name.

import type { ChatLine } from "../../../sdk";

export interface Group {
  readonly key: string;
  readonly from: string;
  readonly name: string | null;
  readonly at: number;
  readonly lines: readonly ChatLine[];
}

const TOGETHER_MS = 3 * 60_000;

export function groupLines(lines: readonly ChatLine[]): readonly Group[] {
  const groups: (Group & { lines: ChatLine[] })[] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last !== undefined && last.from === line.from && line.at - last.at < TOGETHER_MS) last.lines.push(line);
    else groups.push({ key: line.id, from: line.from, name: line.name, at: line.at, lines: [line] });
  }
  return groups;
}
