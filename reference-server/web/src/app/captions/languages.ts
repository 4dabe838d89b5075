// Which languages there are captions in, and what they are called.

import type { MeetingState } from "../../sdk";

/** What a moderator is offered; a room in another language has it set through the interface for clients. */
export const OFFERED = [
  "de", "en", "fr", "es", "it", "pt", "nl", "da", "sv", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "bg", "el", "hr", "sr",
  "sq", "uk", "ru", "tr", "ar", "fa", "ku", "he", "hi", "zh", "ja", "ko", "vi", "so", "ti",
] as const;

export function languageName(tag: string, locale: string): string {
  try {
    return new Intl.DisplayNames(locale, { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

/** In which languages somebody writes, or wrote. */
export function captionLanguages(state: MeetingState): readonly string[] {
  return [...new Set([...state.captionWriters, ...state.captions].map((one) => one.language))].sort();
}
