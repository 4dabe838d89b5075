// A table as a file for spreadsheets, with nothing in it that they would run.

/** Quotes a cell; one that a spreadsheet could take for a formula becomes a text. */
function cell(value: string | number): string {
  const text = typeof value === "number" ? String(value) : value.replace(/^(?=[\s]*[=+\-@\t\r])/u, "'");
  return /[",;\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Begins with the mark by which spreadsheets know UTF-8. */
export function csv(rows: readonly (readonly (string | number)[])[]): string {
  return `\uFEFF${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;
}
