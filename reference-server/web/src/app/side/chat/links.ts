// What in a text is a link, and how it is shown so that nobody is led astray by how it looks.

export interface Link {
  /** Where in the text it is. */
  readonly start: number;
  readonly end: number;
  /** Where it leads, in plain characters. */
  readonly href: string;
  /** What is shown: as written, but a host with other than plain characters as what it really is. */
  readonly shown: string;
}

/** What cannot be in an address as people write it ends it; a backslash leads browsers elsewhere than people. */
const ADDRESS = /https?:\/\/[^\s<>"\\`{}|^\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/giu;
/** What follows an address in a sentence. */
const AFTER = /[.,;:!?'’”»*_~]$/u;
const PAIRS: Readonly<Record<string, string>> = { ")": "(", "]": "[" };

export function linksIn(text: string): readonly Link[] {
  const links: Link[] = [];
  for (const match of text.matchAll(ADDRESS)) {
    const written = withoutSentence(match[0]);
    const link = read(written);
    if (link !== null) links.push({ start: match.index, end: match.index + written.length, ...link });
  }
  return links;
}

function withoutSentence(written: string): string {
  let rest = written;
  for (;;) {
    const last = rest.at(-1) ?? "";
    const open = PAIRS[last];
    // A bracket that was opened within belongs to the address.
    const stray = open !== undefined && count(rest, open) < count(rest, last);
    if (!stray && !AFTER.test(rest)) return rest;
    rest = rest.slice(0, -1);
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function read(written: string): { href: string; shown: string } | null {
  let url: URL;
  try {
    url = new URL(written);
  } catch {
    return null;
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  // `https://bank.example@elsewhere.example` looks like the bank's.
  if (url.username !== "" || url.password !== "" || url.hostname === "") return null;
  const authority = /^https?:\/\/([^/?#]*)/iu.exec(written)?.[1] ?? "";
  if (authority.includes("@")) return null;
  const plain = /^[\x20-\x7e]*$/u.test(authority);
  const shown = plain ? written : `${url.protocol}//${url.host}${written.slice(written.indexOf(authority) + authority.length)}`;
  return { href: url.href, shown };
}
