// What is asked of a meeting about its breakouts, which are named by number, from 0.

import { ConfError } from "./error";
import type { ClientBody, PlannedBreakout } from "./proto";
import type { Reply } from "./session";

export class BreakoutRequests {
  readonly #ask: (body: ClientBody) => Promise<Reply>;

  constructor(ask: (body: ClientBody) => Promise<Reply>) {
    this.#ask = ask;
  }

  /** Divides the meeting; `minutes` after which the breakouts close, `null` for never. */
  open(breakouts: readonly PlannedBreakout[], choice: boolean, minutes: number | null): Promise<unknown> {
    return this.#ask({ type: "open_breakouts", breakouts: [...breakouts], choice, minutes });
  }
  /** Has someone belong to a breakout, or to none. */
  assign(target: string, breakout: number | null): Promise<unknown> {
    return this.#ask({ type: "assign_breakout", target, breakout });
  }
  /** Resolves with the token for a room of its own, which is the breakout. */
  async enter(breakout: number): Promise<string> {
    const reply = await this.#ask({ type: "enter_breakout", breakout });
    if (reply.kind !== "breakout_pass") throw new ConfError("not_connected");
    return reply.token;
  }
  callHelp(): Promise<unknown> {
    return this.#ask({ type: "call_help" });
  }
  extend(minutes: number): Promise<unknown> {
    return this.#ask({ type: "extend_breakouts", minutes });
  }
  tell(text: string): Promise<unknown> {
    return this.#ask({ type: "tell_breakouts", text });
  }
  close(): Promise<unknown> {
    return this.#ask({ type: "close_breakouts" });
  }
}
