import { describe, expect, it } from "vitest";

import { Patience, PATIENT_MS } from "./patience";

/** Tells of one stall at each of these seconds, for want of packets or not. */
function stalled(at: readonly number[], lossy = true): Patience {
  const patience = new Patience();
  patience.note("5", 0, 0, 0);
  at.forEach((second, n) => patience.note("5", n + 1, lossy ? n + 1 : 0, second * 1000));
  return patience;
}

describe("patience", () => {
  it("waits once a picture stalled twice for want of packets, and for a minute after", () => {
    expect(stalled([10]).wait("5", 10_000)).toBe(0);
    expect(stalled([10, 25]).wait("5", 84_000)).toBe(PATIENT_MS);
    expect(stalled([10, 25]).wait("5", 85_000)).toBe(0);
    expect(stalled([10, 31]).wait("5", 31_000)).toBe(0);
  });

  it("waits on while it still stalls now and then", () => {
    expect(stalled([10, 25, 80]).wait("5", 139_000)).toBe(PATIENT_MS);
  });

  it("does not wait for a machine that is slow", () => {
    expect(stalled([10, 11, 12], false).wait("5", 12_000)).toBe(0);
  });

  it("begins anew with a connection that counts anew, and knows nothing of other pictures", () => {
    const patience = stalled([10, 25]);
    patience.note("5", 0, 0, 26_000);
    expect(patience.wait("5", 26_000)).toBe(0);
    expect(patience.wait("6", 26_000)).toBe(0);
  });
});
