// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { flushSync } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeRoom, person } from "../dev/fake.svelte";
import { prefs } from "./prefs.svelte";
import Banner from "./room/Banner.svelte";
import People from "./side/People.svelte";
import Tile from "./stage/Tile.svelte";
import type { Why } from "./stage/why";
import DataSaver from "./ui/DataSaver.svelte";

beforeEach(() => {
  prefs.locale = "en";
  prefs.saving = false;
  prefs.received = "all";
  localStorage.clear();
});
afterEach(cleanup);

describe("a tile", () => {
  const track = { kind: "video" } as MediaStreamTrack;
  const show = (why: Why | null) => {
    const participant = person(0, { name: "Alice", sources: ["camera"] });
    const tile = { key: "a", participant, source: "camera", own: false } as const;
    cleanup();
    return render(Tile, { tile, track, why, onpin: () => undefined }).container;
  };

  test("says why, and shows the person instead of an old picture where there is none", () => {
    expect(show(null).querySelector("video")).not.toBeNull();
    expect(screen.queryByTestId("why")).toBeNull();

    const off = show("link");
    expect(off.querySelector("video")).toBeNull();
    expect(off.querySelector(".face")).not.toBeNull();
    expect(screen.getByTestId("why").textContent).toContain("Your connection is too slow for this picture");

    expect(show("theirs").querySelector("video")).not.toBeNull();
    expect(screen.getByTestId("why").textContent).toContain("Alice’s connection is poor");
  });

  test("says it in German", () => {
    prefs.locale = "de";
    show("link");
    expect(screen.getByTestId("why").textContent).toContain("Ihre Verbindung ist zu langsam für dieses Bild");
  });
});

describe("sound alone", () => {
  afterEach(() => vi.useRealTimers());

  test("is told politely, and stays told while pictures only flicker", () => {
    vi.useFakeTimers();
    const model = new FakeRoom([person(0), person(2)]);
    render(Banner, { model });
    expect(screen.queryByTestId("sound-only")).toBeNull();
    model.soundOnly = true;
    flushSync();
    expect(screen.getByTestId("sound-only").closest("[role=status]")).not.toBeNull();
    model.soundOnly = false;
    flushSync();
    vi.advanceTimersByTime(2_000);
    flushSync();
    expect(screen.queryByTestId("sound-only")).not.toBeNull();
    vi.advanceTimersByTime(4_000);
    flushSync();
    expect(screen.queryByTestId("sound-only")).toBeNull();
  });
});

describe("how one sees a person", () => {
  test("is chosen in their row by everyone, and shown there", async () => {
    const model = new FakeRoom([person(0), person(1), person(2)], {}, 1);
    render(People, { model, onclose: () => undefined });
    const row = (id: string): HTMLElement => {
      const found = screen.getAllByTestId("people-row").find((each) => each.dataset["participant"] === id);
      if (found === undefined) throw new Error(`${id} is not listed`);
      return found;
    };
    await fireEvent.click(within(row(person(1).id)).getByTestId("person-menu"));
    expect(within(row(person(1).id)).queryByRole("radio")).toBeNull();
    const theirs = within(row(person(2).id));
    await fireEvent.click(theirs.getByTestId("person-menu"));
    expect(theirs.getByRole("group", { name: "Camera picture, for you alone" })).toBeTruthy();
    await fireEvent.click(theirs.getByRole("radio", { name: "Off" }));
    expect(model.pictures.of(person(2).id)).toBe("off");
    expect(model.pictures.of(person(0).id)).toBe("auto");
    expect(theirs.getByTestId("marks").textContent).toContain("Picture off for you");
    await fireEvent.click(theirs.getByRole("radio", { name: "Automatic" }));
    expect(model.pictures.of(person(2).id)).toBe("auto");
  });
});

test("the switch for saving data says what it does, and is remembered", async () => {
  render(DataSaver);
  const toggle = screen.getByRole("switch", { name: "Save data" });
  const hint = document.getElementById(toggle.getAttribute("aria-describedby") ?? "");
  expect(hint?.textContent).toContain("at most 4 small pictures");
  await fireEvent.click(toggle);
  expect(prefs.saving).toBe(true);
  expect(localStorage.getItem("conf.prefs")).toContain('"saving":true');
});

test("which pictures come at all is chosen below it, and said in a sentence", async () => {
  render(DataSaver);
  const choices = within(screen.getByRole("group", { name: "Pictures of others" }));
  await fireEvent.click(choices.getByRole("radio", { name: "Screens only" }));
  expect(prefs.received).toBe("screens");
  expect(screen.getByText("No cameras come, shared screens and sound do.")).toBeTruthy();
  await fireEvent.click(choices.getByRole("radio", { name: "None" }));
  expect(localStorage.getItem("conf.prefs")).toContain('"received":"none"');
});
