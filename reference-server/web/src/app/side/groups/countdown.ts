// How long groups still go on.

/** `12:05`, counted in whole seconds and never below zero. */
export function left(until: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((until - now) / 1_000));
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${Math.floor(seconds / 60)}:${two(seconds % 60)}`;
}

/** Whether the last minute has begun. */
export function lastMinute(until: number, now: number): boolean {
  return until - now <= 60_000 && until > now;
}
