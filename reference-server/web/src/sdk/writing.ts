// Who is writing just now, as signals tell it: forgotten by one's own clock when nothing more is heard.

import type { RoomEvent, RoomSignal } from "./proto";

export interface Writer {
  readonly by: string;
  /** Whether it is to oneself alone. */
  readonly alone: boolean;
  /** What is written so far, of those who show it; else `null`. */
  readonly text: string | null;
  /** Until when it holds, by one's own clock. */
  readonly until: number;
}
export type Writing = readonly Writer[];

/** Somewhat longer than whoever writes takes until they say so again. */
export const TYPING_HOLDS_MS = 6_000;
/** A text that is shown while it grows is said again while it rests. */
export const TEXT_HOLDS_MS = 30_000;
/** So many are kept; a crowd that writes is told by fewer names. */
const MOST = 50;

export function reduceSignal(writing: Writing, signal: RoomSignal, self: string | null, now: number): Writing {
  switch (signal.type) {
    case "typing": {
      const alone = signal.to !== undefined;
      // Who shows their text is known to write.
      const shows = !alone && writing.some((one) => one.by === signal.by && one.text !== null);
      return signal.by === self || shows ? writing : put(writing, { by: signal.by, alone, text: null, until: now + TYPING_HOLDS_MS });
    }
    case "live_text":
      if (signal.by === self) return writing;
      return signal.text === null
        ? without(writing, signal.by, false)
        : put(writing, { by: signal.by, alone: false, text: signal.text, until: now + TEXT_HOLDS_MS });
    default:
      return writing;
  }
}

/** What was written is said now, or its writer is gone. */
export function reduceWriting(writing: Writing, event: RoomEvent): Writing {
  switch (event.type) {
    case "chat":
      return without(writing, event.line.from, event.line.to !== undefined);
    case "shown":
      return keep(writing, (one) => !event.vanished.includes(one.by));
    case "left":
    case "link_lost":
      return without(without(writing, event.participant, false), event.participant, true);
    case "lock":
      // Moderators write on, and say so again.
      return event.lock === "chat" && event.on ? keep(writing, (one) => one.alone) : writing;
    default:
      return writing;
  }
}

export function stillWriting(writing: Writing, now: number): Writing {
  return keep(writing, (one) => one.until > now);
}

function put(writing: Writing, writer: Writer): Writing {
  const others = writing.filter((one) => one.by !== writer.by || one.alone !== writer.alone);
  const same = others.length < writing.length;
  // In its place, so that texts that grow beside each other do not jump.
  if (same) return writing.map((one) => (one.by === writer.by && one.alone === writer.alone ? writer : one));
  return writing.length >= MOST ? writing : [...writing, writer];
}

function without(writing: Writing, by: string, alone: boolean): Writing {
  return keep(writing, (one) => one.by !== by || one.alone !== alone);
}

/** The same list when nothing goes, so that nothing is drawn anew. */
function keep(writing: Writing, stays: (one: Writer) => boolean): Writing {
  return writing.every(stays) ? writing : writing.filter(stays);
}

/** How often one says that one writes. */
export const TYPING_EVERY_MS = 3_000;
/** How soon a change of a shown text is told. */
export const TEXT_EVERY_MS = 400;
/** How often a text that rests is told again, for who missed it. */
export const TEXT_AGAIN_MS = 10_000;

/** Says that one writes, not more often than needed. */
export class TypingSender {
  readonly #send: (to: string | null) => void;
  #to: string | null = null;
  #at = -Infinity;

  constructor(send: (to: string | null) => void) {
    this.#send = send;
  }

  typed(to: string | null): void {
    const now = Date.now();
    if (to === this.#to && now - this.#at < TYPING_EVERY_MS) return;
    this.#to = to;
    this.#at = now;
    this.#send(to);
  }

  /** What was written is said: the next word is news again. */
  said(): void {
    this.#at = -Infinity;
  }
}

/** Shows everyone a text while it grows. */
export class LiveTextSender {
  readonly #send: (text: string | null) => void;
  readonly #everyMs: number;
  #text = "";
  #told = "";
  #at = -Infinity;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(send: (text: string | null) => void, everyMs = TEXT_EVERY_MS) {
    this.#send = send;
    this.#everyMs = everyMs;
  }

  /** All of it so far; blank gives it up. */
  changed(text: string): void {
    this.#text = text.trim() === "" ? "" : text;
    if (this.#text !== this.#told) this.#plan(Math.max(0, this.#at + this.#everyMs - Date.now()));
  }

  /** It was said, which ends it for everyone. */
  said(): void {
    this.stop();
    this.#text = this.#told = "";
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #plan(after: number): void {
    this.stop();
    this.#timer = setTimeout(() => this.#tell(), after);
  }

  #tell(): void {
    this.#timer = null;
    this.#told = this.#text;
    this.#at = Date.now();
    this.#send(this.#text === "" ? null : this.#text);
    if (this.#text !== "") this.#plan(TEXT_AGAIN_MS);
  }
}
