// The words of an announcement.

import { t } from "../i18n/index.svelte";
import type { Digest } from "./announcer";

/** So many are named; the others are counted. */
const NAMED = 3;

export function sentence(digest: Digest): string {
  const parts: string[] = [];
  for (const kind of ["joined", "left", "waits", "hand", "asks", "screen", "mention", "private", "file", "live", "poll"] as const) {
    const names = digest[kind];
    if (names.length > 0) parts.push(t(`say.${kind}`, { name: listed(names) }));
  }
  for (const { reaction, count } of digest.reactions) parts.push(t(`say.reaction.${reaction}`, { count }));
  if (digest.chat > 0) parts.push(t("say.chat", { count: digest.chat }));
  return parts.join(". ");
}

function listed(names: readonly string[]): string {
  const named = names.slice(0, NAMED).join(", ");
  const more = names.length - NAMED;
  return more > 0 ? t("say.more", { names: named, count: more }) : named;
}
