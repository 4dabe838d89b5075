// Whether a file can be sent here, before any of it is: what the room takes is known.

import type { FileRules } from "../../../sdk";

export type Taken = "taken" | "type" | "empty" | "too_large";

export function takes(rules: FileRules, file: { readonly name: string; readonly size: number }): Taken {
  const ending = /\.([^.]+)$/u.exec(file.name)?.[1]?.toLowerCase() ?? "";
  if (!rules.endings.includes(ending)) return "type";
  if (file.size === 0) return "empty";
  return file.size > rules.bytes ? "too_large" : "taken";
}

/** What the browser's chooser offers. */
export function accepted(rules: FileRules): string {
  return rules.endings.map((ending) => `.${ending}`).join(",");
}
