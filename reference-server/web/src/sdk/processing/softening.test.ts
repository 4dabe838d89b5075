import { expect, test } from "vitest";
import { cutOut, soften } from "./softening";

/** Stripes of black and white, one pixel each: the finest pattern there is. */
function stripes(width: number, height: number): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let at = 0; at < width * height; at += 1) if (at % 2 === 0) pixels.fill(0, at * 4, at * 4 + 3);
  return pixels;
}

test("a fine pattern is gone, and its brightness stays", () => {
  const pixels = stripes(64, 36);
  soften(pixels, 64, 36, 3);
  for (let at = 0; at < pixels.length; at += 4) {
    // At the sides the outermost stripe goes on beyond them and weighs more.
    const column = (at / 4) % 64;
    if (column < 6 || column >= 58) continue;
    expect(Math.abs((pixels[at] ?? 0) - 127)).toBeLessThan(10);
    expect(pixels[at + 3]).toBe(255);
  }
});

test("what is plain stays as it is, up to the edge", () => {
  const pixels = new Uint8ClampedArray(16 * 9 * 4).fill(90);
  soften(pixels, 16, 9, 8);
  expect(new Set(pixels)).toEqual(new Set([90]));
});

test("only what is surely a person is cut out", () => {
  const matte = new Uint8ClampedArray(5 * 4);
  cutOut(new Float32Array([0, 0.4, 0.6, 0.8, Number.NaN]), matte);
  expect([3, 7, 11, 15, 19].map((at) => matte[at])).toEqual([0, 0, 128, 255, 0]);
});
