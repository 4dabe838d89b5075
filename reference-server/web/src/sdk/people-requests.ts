// What is asked of a meeting about the people in it: what they send, what they are called, what they may.

import type { ClientBody, Lock, Source } from "./proto";

export class PeopleRequests {
  readonly #request: (body: ClientBody) => Promise<unknown>;

  constructor(request: (body: ClientBody) => Promise<unknown>) {
    this.#request = request;
  }

  mute(target: string): Promise<unknown> {
    return this.#request({ type: "mute", target });
  }
  /** Asks someone to open their microphone; only they can. */
  askToUnmute(target: string): Promise<unknown> {
    return this.#request({ type: "ask_to_unmute", target });
  }
  muteAll(butPresenter: boolean): Promise<unknown> {
    return this.#request({ type: "mute_all", but_presenter: butPresenter });
  }
  stopSource(target: string, source: Source): Promise<unknown> {
    return this.#request({ type: "stop", target, source });
  }
  givePresenter(target: string): Promise<unknown> {
    return this.#request({ type: "give_presenter", target });
  }
  promote(target: string): Promise<unknown> {
    return this.#request({ type: "promote", target });
  }
  demote(target: string): Promise<unknown> {
    return this.#request({ type: "demote", target });
  }
  rename(target: string, name: string): Promise<unknown> {
    return this.#request({ type: "rename", target, name });
  }
  /** Puts someone out; with `ban` the same person is refused under any other claim too. */
  remove(target: string, ban: boolean): Promise<unknown> {
    return this.#request({ type: "remove", target, ban });
  }
  /** Tells the operator of someone; nobody in the meeting hears of it. */
  report(target: string, text: string): Promise<unknown> {
    return this.#request({ type: "report", target, text });
  }
  setLock(lock: Lock, on: boolean): Promise<unknown> {
    return this.#request({ type: "set_lock", lock, on });
  }
  /** Lifts a lock for one person, or puts it in force for them again. */
  setException(target: string, lock: Lock, on: boolean): Promise<unknown> {
    return this.#request({ type: "set_exception", target, lock, on });
  }
  /** Has someone take the minutes; `null` for nobody. */
  setMinuteTaker(target: string | null): Promise<unknown> {
    return this.#request({ type: "set_minute_taker", target });
  }
  setInterpreter(target: string, on: boolean): Promise<unknown> {
    return this.#request({ type: "set_interpreter", target, on });
  }
}
