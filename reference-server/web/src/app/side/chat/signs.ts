// How a reaction looks.

import type { Reaction } from "../../../sdk";

export const SIGNS: Readonly<Record<Reaction, string>> = {
  thumbs_up: "👍",
  thumbs_down: "👎",
  heart: "❤️",
  clap: "👏",
  laugh: "😂",
  surprise: "😮",
};
