// What of the connection is missing just now, in the words' keys.

import type { Connection, MediaStatus } from "../../sdk";

/** `offline`: the device has no network; `all`: nothing comes or goes; otherwise the one that is missing. */
export type Loss = "offline" | "all" | "session" | "media";

export interface Line {
  readonly connection: Connection["kind"];
  readonly media: MediaStatus;
  /** Whether sound and picture were there once: at first they are on their way, not missing. */
  readonly had: boolean;
  /** What the browser says of the device; only a no is worth anything. */
  readonly online: boolean;
}

export function lossOf({ connection, media, had, online }: Line): Loss | null {
  const session = connection === "reconnecting";
  const silent = media === "interrupted" || media === "failed" || (had && media !== "connected");
  if (!session && (!silent || connection !== "connected")) return null;
  if (!online) return "offline";
  if (session) return silent ? "all" : "session";
  return "media";
}
