// Push to talk: while the space bar is held a closed microphone is open.

interface Key {
  readonly code: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
  readonly target: EventTarget | null;
  preventDefault(): void;
}

export interface TalkDoor {
  /** Whether the microphone is there and closed, and may be opened. */
  ready(): boolean;
  open(): void;
  close(): void;
}

const WRITES = new Set(["INPUT", "TEXTAREA", "SELECT"]);
const ACTS = new Set(["BUTTON", "A", "SUMMARY", "VIDEO", "AUDIO"]);

export class PushToTalk {
  readonly #door: TalkDoor;
  #held = false;
  /** Whether the focus was moved by keys: then the space bar belongs to what has it. */
  #byKeys = false;

  constructor(door: TalkDoor) {
    this.#door = door;
  }

  get held(): boolean {
    return this.#held;
  }

  /** Whether this key press was meant for talking. */
  down(key: Key): boolean {
    if (key.code === "Tab") this.#byKeys = true;
    if (key.code !== "Space") return false;
    if (this.#held) {
      key.preventDefault();
      return true;
    }
    if (key.repeat || key.ctrlKey || key.metaKey || key.altKey || key.shiftKey) return false;
    if (this.#belongsTo(key.target) || !this.#door.ready()) return false;
    key.preventDefault();
    this.#held = true;
    this.#door.open();
    return true;
  }

  up(key: Pick<Key, "code" | "preventDefault">): boolean {
    if (key.code !== "Space" || !this.#held) return false;
    // A button that still has the focus of a click must not take this for another.
    key.preventDefault();
    this.release();
    return true;
  }

  pointed(): void {
    this.#byKeys = false;
  }

  /** The page lost the keyboard: whoever is not here does not talk. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    this.#door.close();
  }

  #belongsTo(target: EventTarget | null): boolean {
    const element = target as { tagName?: string; isContentEditable?: boolean } | null;
    const tag = element?.tagName ?? "";
    return WRITES.has(tag) || element?.isContentEditable === true || (this.#byKeys && ACTS.has(tag));
  }
}
