// @vitest-environment happy-dom
import { beforeEach, describe, expect, test, vi } from "vitest";
import { RememberedDevices } from "./remembered.svelte";

beforeEach(() => localStorage.clear());

const stored = (): unknown => JSON.parse(localStorage.getItem("conf.devices") ?? "null");

describe("the devices chosen last", () => {
  test("are there again on the next page", () => {
    const devices = new RememberedDevices();
    devices.choose("camera", "front");
    devices.choose("speaker", "desk");
    expect(new RememberedDevices().ids).toEqual({ microphone: "", camera: "front", speaker: "desk" });
  });

  test("leave nothing behind when forgotten", () => {
    const devices = new RememberedDevices();
    devices.choose("microphone", "desk");
    devices.forget();
    expect(stored()).toBe(null);
    expect(devices.any).toBe(false);
  });

  test("are not kept when that is switched off, but hold on this page", () => {
    const devices = new RememberedDevices();
    devices.choose("microphone", "desk");
    devices.setKeeps(false);
    expect(stored()).toEqual({ keeps: false });
    devices.choose("camera", "front");
    expect(stored()).toEqual({ keeps: false });
    expect(devices.ids.camera).toBe("front");
    const next = new RememberedDevices();
    expect(next.keeps).toBe(false);
    expect(next.any).toBe(false);
    devices.setKeeps(true);
    expect(new RememberedDevices().ids.camera).toBe("front");
  });

  test("hold on this page where the browser keeps nothing", () => {
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("no storage here", "SecurityError");
    });
    vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
      throw new DOMException("no storage here", "SecurityError");
    });
    const devices = new RememberedDevices();
    devices.choose("camera", "front");
    expect(devices.ids.camera).toBe("front");
  });

  test.each(["[1", "7", "null", '{"camera":7}', `{"camera":"${"x".repeat(300)}"}`])("are none when the store holds %s", (text) => {
    localStorage.setItem("conf.devices", text);
    expect(new RememberedDevices().any).toBe(false);
  });
});
