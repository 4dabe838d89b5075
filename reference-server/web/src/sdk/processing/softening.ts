// The arithmetic of a blurred background: on small pictures, in place, without a browser.

/** Times the box is drawn over: twice is close to a bell, and nothing square is seen. */
const PASSES = 2;

/** Blurs RGBA `pixels` of `width` x `height` by a box of `radius` pixels to each side. Cost does not depend on `radius`. */
export function soften(pixels: Uint8ClampedArray, width: number, height: number, radius: number): void {
  const line = new Uint8ClampedArray(Math.max(width, height) * 4);
  for (let pass = 0; pass < PASSES; pass += 1) {
    for (let y = 0; y < height; y += 1) smooth(pixels, line, y * width * 4, 4, width, radius);
    for (let x = 0; x < width; x += 1) smooth(pixels, line, x * 4, width * 4, height, radius);
  }
}

/** One line of `count` pixels, `step` bytes apart; beyond its ends the last pixel goes on. */
function smooth(pixels: Uint8ClampedArray, line: Uint8ClampedArray, from: number, step: number, count: number, radius: number): void {
  const at = (index: number): number => from + Math.min(Math.max(index, 0), count - 1) * step;
  const size = 2 * radius + 1;
  for (let channel = 0; channel < 4; channel += 1) {
    let sum = 0;
    for (let index = -radius; index <= radius; index += 1) sum += pixels[at(index) + channel] ?? 0;
    for (let index = 0; index < count; index += 1) {
      line[index] = sum / size;
      sum += (pixels[at(index + radius + 1) + channel] ?? 0) - (pixels[at(index - radius) + channel] ?? 0);
    }
    for (let index = 0; index < count; index += 1) pixels[from + index * step + channel] = line[index] ?? 0;
  }
}

/** Below it is background, above it the person; between them both shine through. */
const [BACKGROUND, PERSON] = [0.4, 0.8];

/** How much of the person each pixel of RGBA `matte` shows, from how sure the network is of one there (0 to 1). */
export function cutOut(sure: Float32Array, matte: Uint8ClampedArray): void {
  for (let index = 0; index < sure.length; index += 1) {
    const share = Math.min(Math.max(((sure[index] ?? 0) - BACKGROUND) / (PERSON - BACKGROUND), 0), 1);
    matte[index * 4 + 3] = 255 * share * share * (3 - 2 * share);
  }
}
