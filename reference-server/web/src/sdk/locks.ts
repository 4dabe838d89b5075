// What moderators have closed for everyone who is not one.

import { LOCKS, type Lock, type RoomEvent } from "./proto";

export type Locks = readonly Lock[];

export function reduceLocks(locks: Locks, event: RoomEvent): Locks {
  if (event.type !== "lock" || locks.includes(event.lock) === event.on) return locks;
  return LOCKS.filter((lock) => (lock === event.lock ? event.on : locks.includes(lock)));
}
