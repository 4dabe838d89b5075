// What is asked of a meeting about its polls; choices are named by number, from 0.

import { ConfError } from "./error";
import type { ClientBody, PollAnswers } from "./proto";

/** How something is asked. */
export interface Manner {
  /** Whether one may choose several. */
  readonly several: boolean;
  /** Whether nobody learns who chose what. */
  readonly anonymous: boolean;
  /** What is right; nothing where it is no quiz. */
  readonly right: readonly number[];
}

/** Told that one's own vote is in, and what it was where that is known. */
type Cast = (poll: string, chosen?: readonly number[]) => void;

export class PollRequests {
  readonly #request: (body: ClientBody) => Promise<unknown>;
  readonly #cast: Cast;

  constructor(request: (body: ClientBody) => Promise<unknown>, cast: Cast) {
    this.#request = request;
    this.#cast = cast;
  }

  /** Asks everyone something; one poll at a time. */
  start(question: string, answers: PollAnswers, how: Manner): Promise<unknown> {
    return this.#request({ type: "start_poll", question, answers, ...how, right: [...how.right] });
  }
  /** Votes, or votes differently where it is not anonymous. */
  async vote(poll: string, choices: readonly number[]): Promise<void> {
    await this.#answer({ type: "vote", poll, choices: [...choices] });
    this.#cast(poll, choices);
  }
  /** Answers in words of one's own, or in others where it is not anonymous. */
  async answer(poll: string, text: string): Promise<void> {
    await this.#answer({ type: "answer_poll", poll, text });
    this.#cast(poll);
  }
  close(poll: string): Promise<unknown> {
    return this.#request({ type: "close_poll", poll });
  }
  publish(poll: string): Promise<unknown> {
    return this.#request({ type: "publish_poll", poll });
  }
  /** Takes what came of a poll from in front of everyone; it stays to be read. */
  putAway(poll: string): Promise<unknown> {
    return this.#request({ type: "put_poll_away", poll });
  }
  withdraw(poll: string): Promise<unknown> {
    return this.#request({ type: "withdraw_poll", poll });
  }

  async #answer(body: ClientBody & { readonly poll: string }): Promise<void> {
    try {
      await this.#request(body);
    } catch (thrown) {
      // Cast before, and the answer was lost with the connection.
      if (ConfError.from(thrown, "connection_lost").code === "vote_cast") this.#cast(body.poll);
      throw thrown;
    }
  }
}
