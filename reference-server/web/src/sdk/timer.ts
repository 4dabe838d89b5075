// The timer everyone sees, reckoned by the server's clock, and who was picked at random.

import type { EventFrame, Picked, Timer } from "./proto";

export function reduceTimer(timer: Timer | null, { event, at }: EventFrame): Timer | null {
  switch (event.type) {
    case "timer_set":
      return { span: event.span, passed: 0, since: event.runs ? at : null };
    case "timer_paused":
      return timer === null ? null : { ...timer, passed: passed(timer, at), since: null };
    case "timer_resumed":
      return timer === null ? null : { ...timer, since: timer.since ?? at };
    case "timer_stopped":
      return null;
    default:
      return timer;
  }
}

export function reducePicked(picked: Picked | null, { event, at }: EventFrame): Picked | null {
  switch (event.type) {
    case "picked":
      return { participant: event.participant, at };
    case "left":
      return picked?.participant === event.participant ? null : picked;
    default:
      return picked;
  }
}

/** What the timer shows at `now`, in milliseconds: what is left, or what has passed. */
export function timerShows(timer: Timer, now: number): number {
  const gone = passed(timer, now);
  return timer.span === null ? gone : Math.max(0, timer.span - gone);
}

function passed(timer: Timer, now: number): number {
  return timer.passed + (timer.since === null ? 0 : Math.max(0, now - timer.since));
}

/** How far the server's clock is ahead of one's own: what is told arrives later than it was true, so the most counts. */
export class ServerClock {
  #ahead = 0;

  get ahead(): number {
    return this.#ahead;
  }

  /** At a greeting: one's own clock may have been set meanwhile. */
  greeted(now: number): void {
    if (now > 0) this.#ahead = now - Date.now();
  }

  /** Something was told as of `at`. */
  told(at: number): void {
    this.#ahead = Math.max(this.#ahead, at - Date.now());
  }
}
