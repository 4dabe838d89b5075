// Why a picture is missing or smaller than it could be: the one reason a person is told.

import type { LinkQuality, Withheld } from "../../sdk";
import type { PictureChoice } from "../live/pictures.svelte";

/** With `lowered` and `theirs` there is a picture; everything else leaves none. */
export type Why = "hidden" | "cameras_off" | "screens_off" | "off" | "saving" | "link" | "lowered" | "theirs";

export interface Circumstances {
  /** Whether a moderator keeps it from one's eyes. */
  readonly hidden: boolean;
  readonly source: "camera" | "screen";
  /** Whether one lets pictures of this source come at all. */
  readonly received: boolean;
  readonly chosen: PictureChoice;
  /** Whether it pauses to save data. */
  readonly paused: boolean;
  /** What one's own connection does not carry of it. */
  readonly withheld: Withheld | null;
  /** How whoever sends it is connected. */
  readonly quality: LinkQuality | undefined;
}

/** What one may not see needs no other reason. What one wanted oneself counts next, then one's own connection: only beyond that it is theirs. */
export function whyOf({ hidden, source, received, chosen, paused, withheld, quality }: Circumstances): Why | null {
  if (hidden) return "hidden";
  if (!received) return source === "camera" ? "cameras_off" : "screens_off";
  if (chosen === "off") return "off";
  if (paused) return "saving";
  if (withheld === "off") return "link";
  if (withheld === "lowered") return "lowered";
  return quality === "poor" || quality === "lost" ? "theirs" : null;
}

/** Whether there is no picture for this reason: then none of before may stand there. */
export function hides(why: Why | null): boolean {
  return why !== null && why !== "lowered" && why !== "theirs";
}
