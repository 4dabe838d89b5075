// Whose picture one may see, as the server judges it.

import type { Participant, Source } from "./proto";
import { lockedFor } from "./locks";
import { find } from "./roster";
import type { MeetingState } from "./state";

/**
 * Where others' cameras are locked, moderators see everyone, and everyone sees moderators, the
 * presenter and services. One's own is never hidden from oneself.
 */
export function mayWatch(state: MeetingState, viewer: Participant | undefined, owner: string, source: Source): boolean {
  if (source !== "camera" || viewer?.id === owner || !lockedFor(state.locks, viewer, "see_cameras")) return true;
  return find(state.roster, owner)?.role !== "participant" || state.presenter === owner;
}
