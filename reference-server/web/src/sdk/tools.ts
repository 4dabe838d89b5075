// The small tools of a room: hands at once, signs, the timer and the pick.

import type { ClientBody, Reaction } from "./proto";
import { SignBoard } from "./signs";
import { ServerClock } from "./timer";

export class Tools {
  /** What timer and pick are reckoned by. */
  readonly clock = new ServerClock();
  /** The signs people show just now. */
  readonly signs: SignBoard;
  readonly #request: (body: ClientBody) => Promise<unknown>;

  constructor(request: (body: ClientBody) => Promise<unknown>, changed: () => void) {
    this.#request = request;
    this.signs = new SignBoard(changed);
  }

  lowerAllHands(): Promise<unknown> {
    return this.#request({ type: "lower_all_hands" });
  }
  /** Sets the timer anew, in milliseconds; `null` counts up. */
  setTimer(span: number | null, runs: boolean): Promise<unknown> {
    return this.#request({ type: "set_timer", span, runs });
  }
  pauseTimer(): Promise<unknown> {
    return this.#request({ type: "pause_timer" });
  }
  resumeTimer(): Promise<unknown> {
    return this.#request({ type: "resume_timer" });
  }
  stopTimer(): Promise<unknown> {
    return this.#request({ type: "stop_timer" });
  }
  /** Picks somebody at random, nobody twice before all had their turn. */
  pick(moderators: boolean): Promise<unknown> {
    return this.#request({ type: "pick", moderators });
  }
  /** Shows everyone a sign for a moment. */
  react(reaction: Reaction): Promise<unknown> {
    return this.#request({ type: "react", reaction });
  }
}
