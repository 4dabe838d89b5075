// What screen readers are told unasked, gathered so that nobody is talked over.

import { REACTIONS, type Reaction } from "../../sdk";

export type News =
  | { readonly kind: "joined" | "left" | "waits" | "hand" | "asks" | "screen" | "mention" | "private" | "file" | "live" | "poll"; readonly name: string }
  | { readonly kind: "reaction"; readonly reaction: Reaction; readonly by: string }
  | { readonly kind: "chat" };

/** Who came, who left, and what else happened since the last word. */
export interface Digest {
  readonly joined: readonly string[];
  readonly left: readonly string[];
  readonly waits: readonly string[];
  readonly hand: readonly string[];
  readonly asks: readonly string[];
  readonly screen: readonly string[];
  /** Who named one in the chat, and who wrote to one alone. */
  readonly mention: readonly string[];
  readonly private: readonly string[];
  /** Who handed on a file. */
  readonly file: readonly string[];
  /** Who began to show what they write. */
  readonly live: readonly string[];
  /** Who asks everyone something. */
  readonly poll: readonly string[];
  /** How many people showed which sign, in the order signs are offered. */
  readonly reactions: readonly { readonly reaction: Reaction; readonly count: number }[];
  /** New messages, counted only: the chat itself can be read at leisure. */
  readonly chat: number;
}

/** Events come in bursts: what follows within this belongs to the same sentence. */
const GATHER_MS = 1_500;
/** And at most one sentence in this. */
const EVERY_MS = 5_000;
/** Beyond this a burst is not listed name by name anyway. */
const MOST = 200;

export class Announcer {
  readonly #speak: (digest: Digest) => void;
  #news: News[] = [];
  #spokeAt = -Infinity;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(speak: (digest: Digest) => void) {
    this.#speak = speak;
  }

  add(news: News): void {
    if (this.#news.length < MOST) this.#news.push(news);
    const since = Date.now() - this.#spokeAt;
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(GATHER_MS, EVERY_MS - since));
  }

  #flush(): void {
    this.#timer = null;
    this.#spokeAt = Date.now();
    const digest = digestOf(this.#news.splice(0));
    if (digest !== null) this.#speak(digest);
  }
}

/** `null` when nothing is left to say: who came and went meanwhile is no news. */
export function digestOf(news: readonly News[]): Digest | null {
  const none = (): string[] => [];
  const names = { joined: none(), left: none(), waits: none(), hand: none(), asks: none(), screen: none(), mention: none(), private: none(), file: none(), live: none(), poll: none() };
  const showed = new Map<Reaction, Set<string>>();
  let chat = 0;
  for (const item of news) {
    if (item.kind === "chat") {
      chat += 1;
      continue;
    }
    if (item.kind === "reaction") {
      showed.set(item.reaction, (showed.get(item.reaction) ?? new Set()).add(item.by));
      continue;
    }
    const opposite = item.kind === "joined" ? names.left : item.kind === "left" ? names.joined : null;
    const place = opposite?.indexOf(item.name) ?? -1;
    if (opposite !== null && place >= 0) opposite.splice(place, 1);
    else if (!names[item.kind].includes(item.name)) names[item.kind].push(item.name);
  }
  const reactions = REACTIONS.flatMap((reaction) => {
    const count = showed.get(reaction)?.size ?? 0;
    return count === 0 ? [] : [{ reaction, count }];
  });
  const nothing = chat === 0 && reactions.length === 0 && Object.values(names).every((list) => list.length === 0);
  return nothing ? null : { ...names, reactions, chat };
}
