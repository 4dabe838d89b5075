// What moderators have closed for everyone who is not one.

import { LOCKS, type Lock, type Participant, type RoomEvent } from "./proto";

export type Locks = readonly Lock[];

export function reduceLocks(locks: Locks, event: RoomEvent): Locks {
  if (event.type === "locks_inherited") return LOCKS.filter((lock) => event.locks.includes(lock));
  if (event.type !== "lock" || locks.includes(event.lock) === event.on) return locks;
  return LOCKS.filter((lock) => (lock === event.lock ? event.on : locks.includes(lock)));
}

/** Whether `lock` keeps something from this person: it is on, not lifted for them, and they do not moderate. */
export function lockedFor(locks: Locks, person: Participant | undefined, lock: Lock): boolean {
  return locks.includes(lock) && person?.role !== "moderator" && !(person?.exceptions.includes(lock) ?? false);
}
