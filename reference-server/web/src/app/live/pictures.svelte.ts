// What one chose of others' camera pictures, for oneself alone and as long as one is in the meeting.

import { SvelteMap } from "svelte/reactivity";

export const PICTURE_CHOICES = ["auto", "low", "off"] as const;
export type PictureChoice = (typeof PICTURE_CHOICES)[number];

export class PictureChoices {
  readonly #chosen = new SvelteMap<string, Exclude<PictureChoice, "auto">>();

  of(participant: string): PictureChoice {
    return this.#chosen.get(participant) ?? "auto";
  }

  choose(participant: string, choice: PictureChoice): void {
    if (choice === "auto") this.#chosen.delete(participant);
    else this.#chosen.set(participant, choice);
  }
}
