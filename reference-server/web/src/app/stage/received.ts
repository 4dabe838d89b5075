// Which pictures of others come at all: chosen by whoever receives, for themselves alone.

export const RECEIVED = ["all", "screens", "none"] as const;
export type Received = (typeof RECEIVED)[number];

export function isReceived(received: Received, source: "camera" | "screen"): boolean {
  return received === "all" || (received === "screens" && source === "screen");
}
