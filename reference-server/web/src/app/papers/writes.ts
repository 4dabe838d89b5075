// Who may write the minutes.

import type { MeetingState, Participant } from "../../sdk";

export function writesMinutes(state: MeetingState, self: Participant | undefined): boolean {
  return self !== undefined && state.minutes !== null && (self.role === "moderator" || state.minuteTaker === self.id);
}

/** Whether there is anything of the minutes for one: a text, or that one may write it. */
export function seesMinutes(state: MeetingState, self: Participant | undefined): boolean {
  return writesMinutes(state, self) || (state.minutes !== null && state.minutes.version > 0);
}
