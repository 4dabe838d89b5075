// What a secret vote says to one: its choices in words, and what one may do with it.

import type { MeetingState, Participant, SecretVote, VoteList } from "../../../sdk";
import { t } from "../../i18n/index.svelte";
import { download } from "../chat/save";

/** The choices in words, in their order. */
export function wordsOf(vote: SecretVote): string[] {
  return vote.choices.map((text) => text ?? t("poll.erased"));
}

/** Whether one may take part. */
export function mayVote(vote: SecretVote, self: Participant | undefined): boolean {
  if (self === undefined || self.role === "service") return false;
  return vote.may ?? (vote.voters === "everyone" || self.standing === "member");
}

/** The vote that people vote in, if there is one. */
export function openVote(state: MeetingState): SecretVote | undefined {
  return state.votes.find((vote) => vote.stage === "open");
}

/** Hands the list to the browser as a file. */
export function saveList(list: VoteList): void {
  download(`${list.vote}.json`, `${JSON.stringify(list, null, 2)}\n`, "application/json");
}
