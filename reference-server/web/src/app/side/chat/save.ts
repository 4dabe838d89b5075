// What one sees of a conversation as a text file, made in the browser.

import type { ChatLine, Poll } from "../../../sdk";
import type { Told } from "../poll/reading";
import { withNames } from "./mentions";

export interface Words {
  readonly nameOf: (id: string) => string;
  /** When, as it is shown. */
  readonly clock: (at: number) => string;
  readonly deleted: string;
  readonly erased: string;
  readonly edited: string;
  readonly answers: (name: string) => string;
  readonly result: (poll: Poll) => string;
}

export function asText(title: string, lines: readonly ChatLine[], told: readonly Told[], words: Words): string {
  const said = lines.map((line) => {
    const text = line.deleted_by !== undefined ? `(${words.deleted})` : line.text === null ? `(${words.erased})` : withNames(line.text, words.nameOf);
    const answered = lines.find((one) => one.id === line.answers);
    const answer = answered === undefined ? "" : ` (${words.answers(words.nameOf(answered.from))})`;
    const edited = line.edited_at === undefined || line.deleted_by !== undefined ? "" : ` (${words.edited})`;
    return { at: line.at, text: `${words.nameOf(line.from)}${answer}: ${text}${edited}` };
  });
  const results = told.map(({ poll, at }) => ({ at, text: words.result(poll) }));
  const all = [...said, ...results].sort((a, b) => a.at - b.at).map(({ at, text }) => `[${words.clock(at)}] ${text}`);
  return `${title}\n\n${all.join("\n")}\n`;
}

/** A file name that every system takes. */
export function fileName(room: string, at: Date, kind = "txt"): string {
  const plain = room.normalize("NFC").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/gu, "").slice(0, 60);
  return `${plain === "" ? "chat" : plain}-${at.toISOString().slice(0, 10)}.${kind}`;
}

/** Hands `text` to the browser as a download. */
export function download(name: string, text: string, type = "text/plain"): void {
  saveBlob(name, new Blob([text], { type: `${type};charset=utf-8` }));
}

/** Hands bytes to the browser as a download. */
export function saveBlob(name: string, bytes: Blob): void {
  const url = URL.createObjectURL(bytes);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The click has begun the download; the next turn may let go of it.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
