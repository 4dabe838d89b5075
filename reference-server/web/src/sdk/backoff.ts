// How long to wait before the next try.

const FIRST_MS = 250;
const MOST_MS = 5_000;
/** A server that restarts is back within this time: until then nobody waits long. */
const SHORT_OUTAGE_MS = 30_000;
const MOST_IN_SHORT_OUTAGE_MS = 1_000;

/** The wait before try number `attempt` (from 0), half of it by chance so that not all come at once. */
export function backoffMs(attempt: number, outageMs: number, random: () => number): number {
  const most = outageMs < SHORT_OUTAGE_MS ? MOST_IN_SHORT_OUTAGE_MS : MOST_MS;
  const full = Math.min(most, FIRST_MS * 2 ** Math.min(attempt, 10));
  return full / 2 + (full / 2) * random();
}
