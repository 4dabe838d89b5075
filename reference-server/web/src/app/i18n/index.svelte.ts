// The language in use; whoever reads a text is drawn again when it changes.

import { prefs } from "../prefs.svelte";
import { errorKey, format, type Key, type Params } from "./text";

export function t(key: Key, params?: Params): string {
  return format(prefs.locale, key, params);
}

/** What a refusal or failure means to a person. */
export function errorText(error: { readonly code: string; readonly params?: Readonly<Record<string, string>> }): string {
  return t(errorKey(error.code), { code: error.code, ...error.params });
}

export function clock(at: number): string {
  return new Intl.DateTimeFormat(prefs.locale, { hour: "2-digit", minute: "2-digit" }).format(at);
}
