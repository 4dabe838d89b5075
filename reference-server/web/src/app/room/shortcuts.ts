// Single letters that do what a button does; never while someone types.

export type Shortcut = "microphone" | "camera" | "hand" | "chat" | "people" | "fullscreen" | "help";

export const SHORTCUTS: Readonly<Record<string, Shortcut>> = {
  m: "microphone",
  v: "camera",
  h: "hand",
  c: "chat",
  p: "people",
  f: "fullscreen",
  "?": "help",
};

export function shortcutOf(event: {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
  readonly target: EventTarget | null;
}): Shortcut | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return null;
  const target = event.target as { tagName?: string; type?: string; isContentEditable?: boolean } | null;
  const tag = target?.tagName ?? "";
  if (tag === "TEXTAREA" || tag === "SELECT" || target?.isContentEditable === true) return null;
  // Switches and radio buttons are inputs too, but nobody types into them.
  if (tag === "INPUT" && target?.type !== "checkbox" && target?.type !== "radio") return null;
  return SHORTCUTS[event.key.toLowerCase()] ?? null;
}
