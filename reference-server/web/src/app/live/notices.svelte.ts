// Short messages that come and go, and what screen readers are told beside them.

import { prefs } from "../prefs.svelte";
import { Announcer, type Digest, type News } from "./announcer";
import { sentence } from "./sentence";

export interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: "calm" | "problem";
}

const SHOWN_MS = 7_000;
const MOST = 4;
/** The news of the chat. */
const WRITTEN: ReadonlySet<News["kind"]> = new Set<News["kind"]>(["chat", "mention", "private", "file", "live"]);

class Notices {
  items = $state.raw<readonly Notice[]>([]);
  /** The text of the polite live region. */
  spoken = $state("");
  #next = 1;
  readonly #announcer = new Announcer((digest: Digest) => (this.spoken = sentence(digest)));

  show(text: string, tone: Notice["tone"] = "calm"): void {
    const id = this.#next++;
    this.items = [...this.items.slice(-(MOST - 1)), { id, text, tone }];
    setTimeout(() => this.dismiss(id), tone === "problem" ? SHOWN_MS * 1.5 : SHOWN_MS);
  }

  dismiss(id: number): void {
    this.items = this.items.filter((notice) => notice.id !== id);
  }

  /** Reads out what happened, together with what else happens in these seconds. */
  tell(news: News): void {
    if (prefs.announce === "nothing" || (prefs.announce === "chat" && !WRITTEN.has(news.kind))) return;
    this.#announcer.add(news);
  }
}

export const notices = new Notices();
