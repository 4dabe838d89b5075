// Naming somebody in a message: kept by id, written and shown by name.

export interface Named {
  readonly id: string;
  readonly name: string;
}

/** A mention in a message, where it is, and whose. */
export interface Mention {
  readonly start: number;
  readonly end: number;
  readonly id: string;
}

/** So many people are named in one message; further names stay plain text. */
export const MOST_MENTIONS = 10;

const KEPT = /@(par_[0-9a-f]{16})(?![0-9a-z_])/gu;
/** Letters and digits of any script: a name ends where they do. */
const WORD = /[\p{L}\p{N}_]/u;

export function mentionsIn(text: string): readonly Mention[] {
  const found = [...text.matchAll(KEPT)].slice(0, MOST_MENTIONS);
  return found.map((match) => ({ start: match.index, end: match.index + match[0].length, id: match[1] ?? "" }));
}

/** Whether `text` names `id`. */
export function mentions(text: string | null, id: string): boolean {
  return text !== null && mentionsIn(text).some((mention) => mention.id === id);
}

/**
 * `text` as it is kept: `@Name` of somebody here becomes their id. Of people with
 * the same name the one in `chosen` is meant, or the first.
 */
export function withIds(text: string, people: readonly Named[], chosen: readonly Named[] = []): string {
  const known = [...chosen, ...people].filter((person) => person.name !== "");
  // The longest first: "Ann Lee" is not "Ann".
  known.sort((a, b) => b.name.length - a.name.length);
  let kept = "";
  let count = 0;
  for (let at = 0; at < text.length; ) {
    const begins = text[at] === "@" && !WORD.test(text[at - 1] ?? " ");
    const who = begins && count < MOST_MENTIONS ? known.find((person) => isNamed(text, at + 1, person.name)) : undefined;
    kept += who === undefined ? text[at] : `@${who.id}`;
    at += who === undefined ? 1 : who.name.length + 1;
    if (who !== undefined) count += 1;
  }
  return kept;
}

/** A kept text as it is written. */
export function withNames(text: string, nameOf: (id: string) => string): string {
  return text.replace(KEPT, (_whole, id: string) => `@${nameOf(id)}`);
}

/** What is being typed after an `@` before the caret: where the `@` is, and what follows it. */
export function typedAt(text: string, caret: number): { readonly start: number; readonly query: string } | null {
  const match = /(^|[^\p{L}\p{N}_])@([^\s@]*(?: [^\s@]+)?)$/u.exec(text.slice(0, caret));
  if (match === null) return null;
  const query = match[2] ?? "";
  return { start: caret - query.length - 1, query };
}

/** Those whose name, or a word of it, begins with `query`; at most `most`. */
export function matching<T extends Named>(people: readonly T[], query: string, most = 6): readonly T[] {
  const wanted = folded(query);
  const fits = (name: string): boolean =>
    folded(name).startsWith(wanted) || folded(name).split(" ").some((word) => word.startsWith(wanted));
  return people.filter((person) => person.name !== "" && fits(person.name)).slice(0, most);
}

function isNamed(text: string, at: number, name: string): boolean {
  return text.startsWith(name, at) && !WORD.test([...text.slice(at + name.length, at + name.length + 2)][0] ?? " ");
}

/** Without case and marks: `@cagla` finds Çağla. */
function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
