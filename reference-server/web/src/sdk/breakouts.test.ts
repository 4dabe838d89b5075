import { describe, expect, it } from "vitest";
import { breakoutOf, breakoutWith, reduceBreakouts } from "./breakouts";
import type { Breakouts, RoomEvent } from "./proto";

const opened: Breakouts = {
  open: true,
  choice: false,
  until: null,
  breakouts: [
    { name: "Reds", members: ["a", "b"], inside: [] },
    { name: "Blues", members: ["c"], inside: [] },
  ],
};
const after = (...events: RoomEvent[]): Breakouts | null =>
  events.reduce<Breakouts | null>(reduceBreakouts, reduceBreakouts(null, { type: "breakouts_opened", breakouts: opened }));

describe("breakouts", () => {
  it("know who belongs where and who is where", () => {
    const seen = after(
      { type: "breakout_entered", participant: "a", breakout: 0 },
      { type: "breakout_assigned", participant: "a", breakout: 1, by: "m" },
    );
    expect([breakoutOf(seen, "a"), breakoutWith(seen, "a")]).toEqual([1, 0]);
    expect(breakoutWith(after({ type: "breakout_entered", participant: "a", breakout: 0 }, { type: "breakout_left", participant: "a", breakout: 0 }), "a")).toBeNull();
    expect(breakoutOf(seen, undefined)).toBeNull();
  });

  it("call until a moderator comes", () => {
    const called: RoomEvent = { type: "help_called", participant: "a", breakout: 0 };
    expect(after(called)?.breakouts[0]?.called_by).toBe("a");
    expect(after(called, { type: "help_ended", participant: "a", breakout: 0, by: "m" })?.breakouts[0]).not.toHaveProperty("called_by");
    expect(after(called, { type: "left", participant: "a" })?.breakouts[0]).not.toHaveProperty("called_by");
  });

  it("are kept when they close, with nobody inside", () => {
    const closed = after(
      { type: "breakout_entered", participant: "a", breakout: 0 },
      { type: "breakouts_extended", until: 5, by: "m" },
      { type: "breakouts_closed", by: "m" },
    );
    expect(closed).toMatchObject({ open: false, until: 5, breakouts: [{ members: ["a", "b"], inside: [] }, {}] });
    expect(breakoutOf(closed, "a")).toBeNull();
  });

  it("are nothing where there were none", () => {
    expect(reduceBreakouts(null, { type: "breakouts_closed", by: null })).toBeNull();
  });
});
