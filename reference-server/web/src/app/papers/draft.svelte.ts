// What one writes of the minutes, and how it is kept: a while after the last key, in order, never over another's words.

import type { Minutes } from "../../sdk";

export type Kept = "kept" | "changed" | "later" | "failed";

/** Saved this long after the first key that is not saved yet. */
export const SAVE_AFTER_MS = 3_000;

export class Draft {
  text = $state("");
  status = $state<"saved" | "saving" | "conflict" | "failed">("saved");
  /** What others wrote meanwhile, while `status` is `conflict`. */
  theirs = $state.raw<Minutes | null>(null);
  readonly #write: (text: string, over: number) => Promise<Kept>;
  #base = 0;
  #kept = "";
  /** The minutes as last seen, and what was last handed on: it may be kept although no answer came. */
  #latest: Minutes | null = null;
  #sent: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #writing = false;

  constructor(write: (text: string, over: number) => Promise<Kept>) {
    this.#write = write;
  }

  /** The minutes as they are now. */
  seen(minutes: Minutes): void {
    this.#latest = minutes;
    if (minutes.version <= this.#base || this.#writing) return;
    const theirs = minutes.text ?? "";
    if (this.#same(this.#kept) || this.#same(theirs)) this.#take(minutes, theirs);
    else if (this.#sent?.trim() === theirs.trim()) {
      this.#base = minutes.version;
      this.#kept = theirs;
      this.#later();
    } else {
      this.theirs = minutes;
      this.status = "conflict";
      this.#stop();
    }
  }

  type(text: string): void {
    this.text = text;
    if (this.status === "conflict") return;
    this.#later();
  }

  /** Keeps what is written, now. */
  async save(): Promise<void> {
    this.#stop();
    if (this.#writing || this.status === "conflict") return;
    const text = this.text;
    this.#writing = true;
    this.#sent = text;
    const kept = await this.#write(text, this.#base);
    this.#writing = false;
    switch (kept) {
      case "kept":
        if (text.trim() !== this.#kept.trim()) this.#base += 1;
        this.#kept = text;
        this.status = "saved";
        break;
      case "failed":
        this.status = "failed";
        return;
      case "changed":
      case "later":
        break;
    }
    // What others wrote was not looked at while this was under way.
    if (this.#latest !== null) this.seen(this.#latest);
    if (this.theirs === null && !this.#same(this.#kept)) this.#later();
  }

  /** Of two who wrote at once: theirs counts, or one's own. */
  settle(whose: "theirs" | "own"): void {
    const { theirs } = this;
    if (theirs === null) return;
    if (whose === "theirs") return this.#take(theirs, theirs.text ?? "");
    this.#base = theirs.version;
    this.#kept = theirs.text ?? "";
    this.theirs = null;
    this.status = "saving";
    void this.save();
  }

  #take(minutes: Minutes, text: string): void {
    this.#stop();
    if (!this.#same(text)) this.text = text;
    this.#kept = text;
    this.#base = minutes.version;
    this.theirs = null;
    this.status = "saved";
  }

  #later(): void {
    this.status = "saving";
    this.#timer ??= setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  #same(text: string): boolean {
    return this.text.trim() === text.trim();
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
