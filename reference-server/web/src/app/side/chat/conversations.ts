// Who writes with whom: private lines by the other person, and to whom one may write.

import { find, linesWith, lockedFor, otherOf, type Chat, type Files, type Lock, type MeetingState, type Participant } from "../../../sdk";
import { together, type Entry } from "./group";

/** What is read of the conversation of all. */
export const EVERYONE = "everyone";

/** One's private conversations, the one with the latest line first. */
export function partners(lines: readonly Entry[], self: string | null): readonly string[] {
  const latest = [...lines].reverse().map((line) => otherOf(line, self));
  return [...new Set(latest.filter((other) => other !== null))];
}

/** With whom a conversation is; `null` for that of everyone. */
export function otherIn(conversation: string): string | null {
  return conversation === EVERYONE ? null : conversation;
}

/** The lines of a conversation: with everyone, or with one. */
export function linesOf(state: MeetingState, conversation: string, self: string | null): Chat {
  return linesWith(state, otherIn(conversation), self);
}

/** The files of a conversation. */
export function filesOf(state: MeetingState, conversation: string, self: string | null): Files {
  return state.files.filter((file) => (otherOf(file, self) ?? EVERYONE) === conversation);
}

/** What is between oneself and one other, lines and files, oldest first. */
export function privately(state: MeetingState): readonly Entry[] {
  return together(state.privateChat, state.files.filter((file) => file.to !== undefined));
}

/** Whether `self` may send files just now, to whoever may be written to. */
export function maySend(state: MeetingState, self: Participant | undefined): boolean {
  return self !== undefined && self.role !== "service" && state.fileRules.endings.length > 0 && !lockedFor(state.locks, self, "files");
}

/** Whom `self` may write to alone just now. */
export function reachable(state: MeetingState, self: Participant | undefined): readonly Participant[] {
  if (self === undefined || self.role === "service") return [];
  return state.roster.filter((other) => mayWriteTo(state.locks, self, other));
}

function mayWriteTo(locks: readonly Lock[], self: Participant, other: Participant): boolean {
  if (other.id === self.id || other.role === "service") return false;
  return !lockedFor(locks, self, "private_chat") || other.role === "moderator";
}

/** Why one cannot write in a conversation just now; `null` if one can. */
export function closedFor(state: MeetingState, self: Participant | undefined, conversation: string): "lock" | "private_lock" | "gone" | null {
  if (self === undefined) return null;
  if (conversation === EVERYONE) return lockedFor(state.locks, self, "chat") ? "lock" : null;
  const other = find(state.roster, conversation);
  if (other === undefined || other.role === "service") return "gone";
  return mayWriteTo(state.locks, self, other) ? null : "private_lock";
}

/** Who is called what, those who wrote and have left included. */
export function namesOf(state: MeetingState): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const line of [...state.chat, ...state.privateChat, ...state.files]) {
    if (line.name !== null) names.set(line.from, line.name);
    if (line.to !== undefined && line.to_name !== undefined) names.set(line.to, line.to_name);
  }
  for (const person of state.roster) if (person.name !== null) names.set(person.id, person.name);
  return names;
}
