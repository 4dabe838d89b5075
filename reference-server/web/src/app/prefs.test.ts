// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Prefs } from "./prefs.svelte";

const device = (saveData: boolean): void => {
  vi.stubGlobal("navigator", { languages: ["en"], connection: { saveData } });
};
beforeEach(() => localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

describe("saving data", () => {
  test("begins as the device is set", () => {
    device(true);
    expect(new Prefs().saving).toBe(true);
    device(false);
    expect(new Prefs().saving).toBe(false);
    vi.stubGlobal("navigator", { languages: ["en"] });
    expect(new Prefs().saving).toBe(false);
  });

  test("is what someone chose from then on, whatever the device says", () => {
    device(true);
    new Prefs().choose({ saving: false });
    expect(new Prefs().saving).toBe(false);
    device(false);
    new Prefs().choose({ saving: true });
    expect(new Prefs().saving).toBe(true);
  });

  test("is not chosen by choosing something else", () => {
    device(true);
    new Prefs().choose({ theme: "dark" });
    expect(new Prefs().theme).toBe("dark");
    device(false);
    expect(new Prefs().saving).toBe(false);
  });
});

test("which pictures come is remembered, and all come where what is kept says nothing that is known", () => {
  expect(new Prefs().received).toBe("all");
  new Prefs().choose({ received: "screens" });
  expect(new Prefs().received).toBe("screens");
  localStorage.setItem("conf.prefs", JSON.stringify({ received: "some" }));
  expect(new Prefs().received).toBe("all");
});
