// How a name is shown in a circle.

/** One or two letters; never half of a character. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letters = words.map((word) => [...word].find((c) => /[\p{L}\p{N}]/u.test(c)) ?? "");
  const first = letters[0] ?? "?";
  const last = letters.length > 1 ? (letters.at(-1) ?? "") : "";
  return (first + last).toLocaleUpperCase();
}

/** A hue in degrees that stays with the id. */
export function hueOf(id: string): number {
  let hash = 7;
  for (const char of id) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 100_003;
  // Twelve steps: colours next to each other can be told apart.
  return (hash % 12) * 30 + 12;
}
