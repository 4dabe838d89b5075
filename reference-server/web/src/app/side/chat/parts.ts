// A message cut into what is shown differently: text, links and names.

import { linksIn } from "./links";
import { mentionsIn } from "./mentions";

export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "link"; readonly href: string; readonly shown: string }
  | { readonly kind: "mention"; readonly id: string };

export function partsOf(text: string): readonly Part[] {
  const links = linksIn(text).map((link) => ({ ...link, kind: "link" as const }));
  // An address may have somebody's id in it; then it is an address.
  const outside = mentionsIn(text).filter((mention) => !links.some((link) => mention.start < link.end && link.start < mention.end));
  const marked = [...links, ...outside.map((mention) => ({ ...mention, kind: "mention" as const }))];
  marked.sort((a, b) => a.start - b.start);
  const parts: Part[] = [];
  let at = 0;
  for (const mark of marked) {
    if (mark.start > at) parts.push({ kind: "text", text: text.slice(at, mark.start) });
    parts.push(mark.kind === "link" ? { kind: "link", href: mark.href, shown: mark.shown } : { kind: "mention", id: mark.id });
    at = mark.end;
  }
  if (at < text.length) parts.push({ kind: "text", text: text.slice(at) });
  return parts;
}
