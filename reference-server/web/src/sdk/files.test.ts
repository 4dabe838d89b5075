import { expect, test } from "vitest";
import { reduceFiles } from "./files";
import type { SharedFile } from "./proto";

const file = (n: number): SharedFile => ({
  id: `file_${n}`, from: "par_a", name: "Ann", at: n, file_name: `${n}.pdf`, group: "documents", bytes: n,
});

test("a file comes once and goes", () => {
  const shared = { type: "file_shared", file: file(1) } as const;
  const files = reduceFiles(reduceFiles([file(0)], shared), shared);
  expect(files).toEqual([file(0), file(1)]);
  expect(reduceFiles(files, { type: "file_deleted", file: "file_0", by: "par_m" })).toEqual([file(1)]);
});

test("what concerns a file that is not kept changes nothing", () => {
  const files = [file(1)];
  expect(reduceFiles(files, { type: "file_deleted", file: "file_9", by: "par_m" })).toBe(files);
  expect(reduceFiles(files, { type: "hand_raised", participant: "par_b" })).toBe(files);
});
