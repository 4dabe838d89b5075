// Short messages that come and go, and what screen readers are told beside them.

import { prefs } from "../prefs.svelte";

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: "calm" | "problem";
}

const SHOWN_MS = 7_000;
const MOST = 4;
/** Chat at ten lines a second must not be read out line by line. */
const BATCH_MS = 1_500;

class Notices {
  items = $state.raw<readonly Notice[]>([]);
  /** The text of the polite live region. */
  spoken = $state("");
  #next = 1;
  #waiting: string[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  show(text: string, tone: Notice["tone"] = "calm"): void {
    const id = this.#next++;
    this.items = [...this.items.slice(-(MOST - 1)), { id, text, tone }];
    setTimeout(() => this.dismiss(id), tone === "problem" ? SHOWN_MS * 1.5 : SHOWN_MS);
  }

  dismiss(id: number): void {
    this.items = this.items.filter((notice) => notice.id !== id);
  }

  /** Reads `text` out with the others of the next second and a half. */
  say(kind: "chat" | "people", text: string): void {
    if (prefs.announce === "nothing" || (prefs.announce === "chat" && kind === "people")) return;
    this.#waiting.push(text);
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      const texts = this.#waiting.splice(0);
      const last = texts.slice(-3);
      const more = texts.length - last.length;
      this.spoken = (more > 0 ? `+${more}. ` : "") + last.join(". ");
    }, BATCH_MS);
  }
}

export const notices = new Notices();
