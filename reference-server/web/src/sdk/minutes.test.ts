import { expect, test } from "vitest";
import { reduceMinutes } from "./minutes";

test("the minutes are what was written last, and keep who they are for", () => {
  const minutes = { text: null, by: null, version: 0, released: true };
  const written = reduceMinutes(minutes, { type: "minutes_written", by: "par_1", text: "# Begin", version: 1 });
  expect(written).toEqual({ text: "# Begin", by: "par_1", version: 1, released: true });
  expect(reduceMinutes(written, { type: "minutes_released", on: false, by: "par_1" })).toMatchObject({ text: "# Begin", released: false });
  expect(reduceMinutes(null, { type: "minutes_released", on: true, by: "par_1" })).toBeNull();
  expect(reduceMinutes(written, { type: "chat_cleared", by: "par_1" })).toBe(written);
});
