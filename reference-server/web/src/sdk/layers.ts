// Which of a line's encodings are switched on: what the server says is wanted.

/** The lowest alone of what was offered as `rids`: what is coded while data is saved. */
export function lowestAlone(rids: readonly string[]): boolean[] {
  return rids.map((_, place) => place === 0);
}

/**
 * `encodings` with their `active` as `wanted`; `wanted` is in the order the
 * `rids` were offered in. An encoding nothing was said about goes on.
 */
export function withLayers<E extends { rid?: string; active?: boolean }>(
  encodings: readonly E[],
  rids: readonly string[],
  wanted: readonly boolean[],
): E[] {
  return encodings.map((encoding, place) => {
    const offered = encoding.rid === undefined ? place : rids.indexOf(encoding.rid);
    return { ...encoding, active: wanted[offered] ?? true };
  });
}
