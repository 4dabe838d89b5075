// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { flushSync, tick } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeRoom, person } from "../dev/fake.svelte";
import { prefs } from "./prefs.svelte";
import Bar from "./room/Bar.svelte";
import Chat from "./side/Chat.svelte";
import People from "./side/People.svelte";

const onclose = (): void => undefined;
beforeEach(() => {
  prefs.locale = "en";
});
afterEach(cleanup);

describe("the chat", () => {
  test("shows text as text and sends what is typed on Enter, not on Shift+Enter", async () => {
    const model = new FakeRoom([person(0), person(1)], {
      chat: [{ id: "msg_1", from: person(1).id, name: "Ben", text: "<b>see</b> https://example.org", at: 1 }],
    });
    const said = vi.spyOn(model, "sendChat");
    render(Chat, { model, onclose, onpolls: onclose });
    expect(screen.getByTestId("chat-line").textContent).toBe("<b>see</b> https://example.org");
    expect(screen.getByTestId("chat-line").querySelector("b")).toBeNull();
    const link = screen.getByTestId("chat-line").querySelector("a");
    expect(link?.getAttribute("href")).toBe("https://example.org/");
    expect(link?.getAttribute("rel")).toBe("noopener noreferrer nofollow");
    expect(link?.target).toBe("_blank");
    const input = screen.getByTestId<HTMLTextAreaElement>("chat-input");
    await fireEvent.input(input, { target: { value: " Hello " } });
    await fireEvent.keyDown(input, { key: "Enter", shiftKey: true });
    expect(said).not.toHaveBeenCalled();
    await fireEvent.keyDown(input, { key: "Enter" });
    expect(said).toHaveBeenCalledWith(" Hello ", {});
    await tick();
    await tick();
    expect(input.value).toBe("");
    expect(screen.getAllByTestId("chat-line")).toHaveLength(2);
  });

  test("keeps the text when it could not be said", async () => {
    const model = new FakeRoom([person(0)]);
    vi.spyOn(model, "sendChat").mockResolvedValue(false);
    render(Chat, { model, onclose, onpolls: onclose });
    const input = screen.getByTestId<HTMLTextAreaElement>("chat-input");
    await fireEvent.input(input, { target: { value: "Hello" } });
    await fireEvent.click(screen.getByTestId("chat-send"));
    expect(input.value).toBe("Hello");
  });

  test("is closed for participants by its lock, not for moderators", () => {
    const people = [person(0), person(1)];
    render(Chat, { model: new FakeRoom(people, { locks: ["chat"] }, 1), onclose, onpolls: onclose });
    expect(screen.queryByTestId("chat-input")).toBeNull();
    cleanup();
    render(Chat, { model: new FakeRoom(people, { locks: ["chat"] }, 0), onclose, onpolls: onclose });
    expect(screen.getByTestId("chat-input")).toBeTruthy();
  });
});

describe("the list of people", () => {
  const people = [person(0), person(1, { sources: ["microphone"], muted: false }), person(2)];

  test("lets moderators mute an open microphone and shows no one a way to open it", async () => {
    const model = new FakeRoom(people);
    const mute = vi.spyOn(model, "mute");
    render(People, { model, onclose });
    const row = screen.getAllByTestId("people-row").find((r) => r.dataset["participant"] === person(1).id);
    if (row === undefined) throw new Error("Ben is not listed");
    await fireEvent.click(within(row).getByTestId("mute-other"));
    expect(mute).toHaveBeenCalledWith(person(1).id);
    model.state = { ...model.state, roster: people.map((p) => ({ ...p, muted: true })) };
    flushSync();
    expect(screen.queryByTestId("mute-other")).toBeNull();
  });

  test("offers participants no moderation", async () => {
    render(People, { model: new FakeRoom(people, {}, 1), onclose });
    expect(screen.queryByTestId("mute-other")).toBeNull();
    for (const menu of screen.getAllByTestId("person-menu")) await fireEvent.click(menu);
    expect(screen.getAllByTestId("picture-choice")).toHaveLength(2);
    for (const act of ["stop-camera", "make-presenter", "spotlight", "remove"]) expect(screen.queryByTestId(act)).toBeNull();
    expect(screen.queryByTestId("lock-chat")).toBeNull();
  });

  test("has raised hands on top, in order", () => {
    render(People, { model: new FakeRoom(people, { hands: [person(2).id, person(1).id] }), onclose });
    expect(screen.getAllByTestId("people-row").map((row) => row.dataset["participant"])).toEqual([
      person(0).id,
      person(2).id,
      person(1).id,
    ]);
  });

  test("a lock's switch says what participants may, and waits for the room's word", async () => {
    const model = new FakeRoom(people);
    const lock = vi.spyOn(model, "setLock").mockImplementation(() => undefined);
    render(People, { model, onclose });
    const control = screen.getByTestId<HTMLInputElement>("lock-chat");
    expect(control.checked).toBe(true);
    await fireEvent.click(control);
    expect(lock).toHaveBeenCalledWith("chat", true);
    expect(control.checked).toBe(true);
  });
});

describe("the bar", () => {
  const props = { panel: null, unread: 2, handUp: false, onpanel: () => undefined, onhand: () => undefined };

  test("says in words what each button does now", async () => {
    const model = new FakeRoom([person(0)]);
    render(Bar, { model, ...props });
    expect(screen.getByTestId("mic").getAttribute("aria-label")).toBe("Mute microphone");
    await fireEvent.click(screen.getByTestId("mic"));
    expect(screen.getByTestId("mic").getAttribute("aria-label")).toBe("Turn on microphone");
    expect(screen.getByTestId("mic").getAttribute("aria-pressed")).toBe("false");
    expect(screen.getByTestId("chat").getAttribute("aria-label")).toBe("Chat, 2 new messages");
    prefs.locale = "de";
    flushSync();
    expect(screen.getByTestId("mic").getAttribute("aria-label")).toBe("Mikrofon einschalten");
  });

  test("a locked source can be turned off but not on", async () => {
    const model = new FakeRoom([person(0), person(1)], { locks: ["microphone"] }, 1);
    model.local = { microphone: "on", camera: "off", screen: "off" };
    const set = vi.spyOn(model, "setMicrophone");
    render(Bar, { model, ...props });
    await fireEvent.click(screen.getByTestId("mic"));
    expect(set).toHaveBeenCalledWith(false);
    await fireEvent.click(screen.getByTestId("mic"));
    expect(set).toHaveBeenCalledTimes(1);
    expect(screen.getByTestId("mic").getAttribute("aria-label")).toContain("closed by the moderators");
  });

  test("only moderators are offered to end the meeting", async () => {
    render(Bar, { model: new FakeRoom([person(0), person(1)], {}, 1), ...props });
    expect(screen.queryByTestId("end-for-all")).toBeNull();
    cleanup();
    const model = new FakeRoom([person(0)]);
    render(Bar, { model, ...props });
    await fireEvent.click(screen.getByTestId("leave"));
    expect(screen.getByTestId("leave-only")).toBeTruthy();
    expect(screen.getByTestId("end-for-all")).toBeTruthy();
  });
});
