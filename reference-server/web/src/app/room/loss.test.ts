import { expect, test } from "vitest";
import { lossOf, type Line } from "./loss";

const well: Line = { connection: "connected", media: "connected", had: true, online: true };

test.each<[string, Partial<Line>, ReturnType<typeof lossOf>]>([
  ["all is well", {}, null],
  ["the browser's word alone is no loss", { online: false }, null],
  ["sound and picture are on their way for the first time", { media: "connecting", had: false }, null],
  ["they are on their way again", { media: "connecting" }, "media"],
  ["the path is silent", { media: "interrupted" }, "media"],
  ["the session is gone, the media is not", { connection: "reconnecting" }, "session"],
  ["both are gone", { connection: "reconnecting", media: "failed" }, "all"],
  ["both are gone and the device says why", { connection: "reconnecting", media: "failed", online: false }, "offline"],
  ["it is over", { connection: "closed", media: "closed" }, null],
])("%s", (_name, change, loss) => {
  expect(lossOf({ ...well, ...change })).toBe(loss);
});
