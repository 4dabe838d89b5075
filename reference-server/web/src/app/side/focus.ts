// Where the focus goes when what has it goes away.

import { tick } from "svelte";

/**
 * To be called before a list is drawn anew: if the row with the focus is gone
 * afterwards, the row in its place takes it, and without one the button for people.
 */
export function passOnFocus(list: HTMLElement | undefined): void {
  const rows = [...(list?.children ?? [])];
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const row = rows[at];
  if (row === undefined) return;
  void tick().then(() => {
    if (row.isConnected) return;
    const next = list?.isConnected === true ? list.children[Math.min(at, list.children.length - 1)] : undefined;
    const button = next?.querySelector("button") ?? document.getElementById("people-button");
    button?.focus();
  });
}
