import { expect, test } from "vitest";
import { SoundProof } from "./proof";

test("a suppressor that gives zeros for sound is found out, and not before two seconds", () => {
  const proof = new SoundProof();
  for (let look = 0; look < 9; look += 1) expect(proof.look(0.1, 0)).toBe("waiting");
  expect(proof.look(0.1, 0)).toBe("silent");
});

test("silence that goes in proves nothing", () => {
  const proof = new SoundProof();
  for (let look = 0; look < 100; look += 1) expect(proof.look(0, 0)).toBe("waiting");
});

test("noise made nearly inaudible is work, not failure", () => {
  const proof = new SoundProof();
  expect(proof.look(0.1, 0)).toBe("waiting");
  expect(proof.look(0.1, 0.000001)).toBe("works");
});
