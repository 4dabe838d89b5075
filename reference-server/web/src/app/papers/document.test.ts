import { expect, test } from "vitest";
import { asHtml, asMarkdown, type Document } from "./document";

const DOCUMENT: Document = {
  title: "Board <1>",
  date: "30 November 2026",
  lang: "en",
  sections: [{ heading: "Decisions", lines: ["Is *it* <clear>? Yes 2, No 1"] }],
  textHeading: "Minutes",
  text: "# Beginning\n\nWe begin & go on.\n- one\n- <script>alert(1)</script>\n## End",
};

test("the document is Markdown, and nobody's words become marks in it", () => {
  expect(asMarkdown(DOCUMENT)).toBe(
    [
      "# Board \\<1\\>", "", "30 November 2026", "", "## Decisions", "", "- Is \\*it\\* \\<clear\\>? Yes 2, No 1", "", "## Minutes", "",
      "### Beginning", "", "We begin & go on.", "", "- one", "- \\<script\\>alert(1)\\</script\\>", "", "#### End", "",
    ].join("\n"),
  );
});

test("the document is a page, and nothing in it runs", () => {
  const html = asHtml(DOCUMENT);
  expect(html).toContain("<h1>Board &lt;1&gt;</h1>");
  expect(html).toContain("<h3>Beginning</h3>\n<p>We begin &amp; go on.</p>\n<ul>\n<li>one</li>\n<li>&lt;script&gt;alert(1)&lt;/script&gt;</li>\n</ul>\n<h4>End</h4>");
  expect(html).not.toContain("<script");
});
