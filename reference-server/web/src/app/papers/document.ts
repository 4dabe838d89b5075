// The minutes as a document: what was decided, who was there, and what was written.

export interface Document {
  readonly title: string;
  readonly date: string;
  readonly lang: string;
  /** Sections before the text: a heading and its lines. */
  readonly sections: readonly { readonly heading: string; readonly lines: readonly string[] }[];
  readonly textHeading: string;
  readonly text: string;
}

/** A line of the text: a heading by its `#`, an item by its `-`, or words. */
export type Line = { readonly kind: "heading"; readonly level: 1 | 2 | 3; readonly text: string } | { readonly kind: "item" | "words"; readonly text: string };

export function linesOf(text: string): readonly Line[] {
  return text.split("\n").flatMap((raw): Line[] => {
    const line = raw.trim();
    if (line === "") return [];
    const heading = /^(#{1,3})\s+(.+)$/u.exec(line);
    if (heading?.[1] !== undefined && heading[2] !== undefined) {
      return [{ kind: "heading", level: heading[1].length as 1 | 2 | 3, text: heading[2] }];
    }
    const item = /^[-*]\s+(.+)$/u.exec(line);
    return [item?.[1] === undefined ? { kind: "words", text: line } : { kind: "item", text: item[1] }];
  });
}

/** What others wrote, without what Markdown would make of it. */
const plain = (text: string): string => text.replace(/[\\`*_[\]<>|#]/gu, "\\$&");

export function asMarkdown(document: Document): string {
  const sections = document.sections.map(({ heading, lines }) => `## ${heading}\n\n${lines.map((line) => `- ${plain(line)}`).join("\n")}\n`);
  // Headings of the text stand below those of the document.
  const text = linesOf(document.text)
    .map((line) => {
      if (line.kind === "heading") return `\n${"#".repeat(line.level + 2)} ${plain(line.text)}\n`;
      return line.kind === "item" ? `- ${plain(line.text)}` : `${plain(line.text)}\n`;
    })
    .join("\n");
  return [`# ${plain(document.title)}\n`, `${document.date}\n`, ...sections, `## ${document.textHeading}\n\n${text.trim()}\n`].join("\n");
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string): string => text.replace(/[&<>"']/gu, (sign) => ENTITIES[sign] ?? sign);

export function asHtml(document: Document): string {
  const list = (lines: readonly string[]): string => `<ul>\n${lines.map((line) => `<li>${escaped(line)}</li>`).join("\n")}\n</ul>`;
  const sections = document.sections.map(({ heading, lines }) => `<h2>${escaped(heading)}</h2>\n${list(lines)}`);
  const text: string[] = [];
  let items: string[] = [];
  const end = (): void => {
    if (items.length > 0) text.push(list(items));
    items = [];
  };
  for (const line of linesOf(document.text)) {
    if (line.kind === "item") {
      items.push(line.text);
      continue;
    }
    end();
    text.push(line.kind === "heading" ? `<h${line.level + 2}>${escaped(line.text)}</h${line.level + 2}>` : `<p>${escaped(line.text)}</p>`);
  }
  end();
  const title = escaped(document.title);
  return [
    "<!doctype html>",
    `<html lang="${escaped(document.lang)}">`,
    `<head><meta charset="utf-8"><title>${title}</title></head>`,
    "<body>",
    `<h1>${title}</h1>`,
    `<p>${escaped(document.date)}</p>`,
    ...sections,
    `<h2>${escaped(document.textHeading)}</h2>`,
    ...text,
    "</body>",
    "</html>",
    "",
  ].join("\n");
}
