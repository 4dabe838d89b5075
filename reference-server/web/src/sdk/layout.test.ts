import { expect, test } from "vitest";
import { reduceLayout } from "./layout";

test("a layout is shared, shared anew, and no longer", () => {
  const shared = reduceLayout(null, { type: "layout", layout: "speaker", by: "ann" }, 5);
  expect(shared).toEqual({ layout: "speaker", since: 5 });
  expect(reduceLayout(shared, { type: "left", participant: "ann" }, 6)).toBe(shared);
  expect(reduceLayout(shared, { type: "layout", layout: "speaker", by: "ann" }, 9)).toEqual({ layout: "speaker", since: 9 });
  expect(reduceLayout(shared, { type: "layout", layout: null, by: "ann" }, 9)).toBeNull();
});
