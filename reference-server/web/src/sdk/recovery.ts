// What is done about sound and picture just now: nothing, wait, look for new paths, or start anew.
//
// Pure: the situation in, the next step out. `upkeep.ts` carries it out.

export type MediaStatus = "new" | "connecting" | "connected" | "interrupted" | "failed" | "closed";

export interface Situation {
  /** Whether the server can be asked. */
  readonly session: boolean;
  /** Whether the server still has its end, as far as one knows. */
  readonly kept: boolean;
  readonly status: MediaStatus;
  /** Whether this connection ever carried anything. */
  readonly proven: boolean;
  /** How long the status has been what it is. */
  readonly forMs: number;
  /** What was tried since it last worked. */
  readonly tries: number;
  /** Since the last try; infinite when there was none. */
  readonly sinceTryMs: number;
  /** Whether more pictures are to be shown than there are lines for. */
  readonly short: boolean;
}

export type Step =
  | { readonly act: "nothing" }
  | { readonly act: "wait"; readonly ms: number }
  /** New paths for the same connection (ICE restart). */
  | { readonly act: "restart" }
  /** Another connection in its place. */
  | { readonly act: "renew" }
  /** More lines on the same connection. */
  | { readonly act: "extend" };

/** A path silent for less than this often comes back by itself. */
const PATIENCE_MS = 2_000;
/** A first connection that takes longer is tried anew. */
const FIRST_WITHIN_MS = 15_000;
/** After so many new paths in vain the fault is not the path. */
const MOST_RESTARTS = 3;
const PAUSES_MS = [0, 2_000, 4_000, 6_000, 10_000] as const;

export function nextStep(now: Situation): Step {
  // Nobody could answer an offer; the return of the session asks again.
  if (!now.session || now.status === "closed") return { act: "nothing" };
  if (!now.kept) return paced(now, "renew");
  const remedy = now.proven && now.tries < MOST_RESTARTS ? "restart" : "renew";
  switch (now.status) {
    case "connected":
      return now.short ? paced(now, "extend") : { act: "nothing" };
    case "failed":
      return paced(now, remedy);
    default: {
      const patience = now.proven ? PATIENCE_MS : FIRST_WITHIN_MS;
      if (now.forMs < patience) return { act: "wait", ms: patience - now.forMs };
      return paced(now, remedy);
    }
  }
}

function paced(now: Situation, act: "restart" | "renew" | "extend"): Step {
  const pause = PAUSES_MS[Math.min(now.tries, PAUSES_MS.length - 1)] ?? 0;
  return now.sinceTryMs >= pause ? { act } : { act: "wait", ms: pause - now.sinceTryMs };
}
