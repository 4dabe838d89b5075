// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, within } from "@testing-library/svelte";
import { flushSync, tick } from "svelte";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeRoom, person, waiter } from "../dev/fake.svelte";
import type { RoomMade } from "../sdk";
import Ended from "./join/Ended.svelte";
import Lobby from "./join/Lobby.svelte";
import { Preview } from "./join/preview.svelte";
import { prefs } from "./prefs.svelte";
import Bar from "./room/Bar.svelte";
import Knocking from "./room/Knocking.svelte";
import People from "./side/People.svelte";
import Start from "./start/Start.svelte";

const onclose = (): void => undefined;
beforeEach(() => {
  prefs.locale = "en";
  // happy-dom knows the element but not its top layer.
  vi.spyOn(HTMLDialogElement.prototype, "showModal").mockImplementation(function (this: HTMLDialogElement) {
    this.open = true;
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("waiting in the lobby", () => {
  const props = { connected: true, title: "Physics", name: "Mia", preview: new Preview(), onleave: () => undefined };

  test("says why, where in the queue, and what the moderators say", () => {
    render(Lobby, { ...props, wait: { reason: "guest", position: 3, message: "At ten." } });
    expect(screen.getByTestId("lobby-position").textContent).toContain("2 people are waiting before you.");
    expect(screen.getByTestId("lobby-message").textContent).toBe("At ten.");
    expect(screen.getByTestId("lobby").textContent).toContain("let in by the moderators");
    cleanup();
    render(Lobby, { ...props, wait: { reason: "no_moderator", position: 1, message: null } });
    expect(screen.getByTestId("lobby-position").textContent).toContain("You are next.");
    expect(screen.getByTestId("lobby").textContent).toContain("as soon as a moderator is here");
    expect(screen.queryByTestId("lobby-message")).toBeNull();
  });

  test("says that the connection is gone and the place is kept", () => {
    render(Lobby, { ...props, connected: false, wait: { reason: "guest", position: 3, message: null } });
    expect(screen.getByTestId("lobby-away").textContent).toContain("Your place is kept");
    expect(screen.queryByTestId("lobby-position")).toBeNull();
  });

  test.each([
    ["denied", "You were not let in"],
    ["removed", "You were removed from the room"],
  ] as const)("ends with clear words after %s, and with a way to ask again", (reason, title) => {
    render(Ended, { closed: { kind: "bye", reason }, onagain: onclose, onhome: onclose });
    expect(screen.getByTestId("over").textContent).toContain(title);
    expect(screen.getByTestId("again").textContent?.trim()).toBe("Ask again");
  });
});

describe("those who wait", () => {
  const people = [person(0), person(1)];
  const queue = [waiter(0), waiter(1), waiter(2)];

  test("are shown to moderators only", () => {
    render(People, { model: new FakeRoom(people, { lobby: queue }, 1), onclose });
    expect(screen.queryByTestId("lobby-list")).toBeNull();
    cleanup();
    render(People, { model: new FakeRoom(people, { lobby: queue }), onclose });
    expect(screen.getAllByTestId("lobby-row")).toHaveLength(3);
    expect(screen.getByTestId("lobby-list").textContent).toContain("waiting for 2 minutes");
  });

  test("are let in one by one, and the focus goes to who is next, then out of the list", async () => {
    const model = new FakeRoom(people, { lobby: queue.slice(0, 2) });
    render(Bar, { model, panel: "people", unread: 0, handUp: false, onpanel: onclose, onhand: onclose });
    render(People, { model, onclose });
    const admit = (): HTMLElement => screen.getAllByTestId("admit")[0] ?? document.body;
    admit().focus();
    await fireEvent.click(admit());
    await tick();
    expect(document.activeElement).toBe(admit());
    expect(admit().getAttribute("aria-label")).toBe(`Let ${queue[1]?.name} in`);
    await fireEvent.click(admit());
    await tick();
    await tick();
    expect(screen.queryByTestId("lobby-list")).toBeNull();
    expect(document.activeElement).toBe(screen.getByTestId("people"));
  });

  test("are turned away only after a second thought", async () => {
    const model = new FakeRoom(people, { lobby: queue });
    const deny = vi.spyOn(model, "deny");
    render(People, { model, onclose });
    await fireEvent.click(screen.getAllByTestId("deny")[1] ?? document.body);
    expect(deny).not.toHaveBeenCalled();
    await fireEvent.click(screen.getByTestId("deny-confirm"));
    expect(deny).toHaveBeenCalledExactlyOnceWith(queue[1]?.id);
  });

  test("read what the moderators tell them, until it is taken back", async () => {
    const model = new FakeRoom(people, { lobby: queue });
    render(People, { model, onclose });
    await fireEvent.click(screen.getByTestId("lobby-write"));
    await fireEvent.input(screen.getByTestId("lobby-text"), { target: { value: " We begin at ten. " } });
    await fireEvent.click(screen.getByTestId("lobby-say"));
    expect(model.state.lobbyMessage).toBe("We begin at ten.");
    await tick();
    expect(screen.getByTestId("lobby-said").textContent).toContain("We begin at ten.");
    await fireEvent.click(screen.getByTestId("lobby-write"));
    await fireEvent.input(screen.getByTestId("lobby-text"), { target: { value: "" } });
    await fireEvent.click(screen.getByTestId("lobby-say"));
    expect(model.state.lobbyMessage).toBeNull();
  });

  test("are counted at the button for people and named above the stage", () => {
    const model = new FakeRoom(people, { lobby: queue.slice(0, 1) });
    render(Bar, { model, panel: null, unread: 0, handUp: false, onpanel: onclose, onhand: onclose });
    render(Knocking, { model, onshow: onclose });
    expect(screen.getByTestId("people").getAttribute("aria-label")).toBe("People, 2 here, 1 waits outside");
    expect(screen.getByTestId("knocking").textContent).toContain(`${queue[0]?.name} waits outside`);
    expect(screen.getByTestId("knocking-admit")).toBeTruthy();
    model.state = { ...model.state, lobby: queue };
    flushSync();
    expect(screen.getByTestId("knocking").textContent).toContain("and 2 other people wait outside");
    expect(screen.queryByTestId("knocking-admit")).toBeNull();
  });
});

describe("what moderators may do", () => {
  const people = [person(0), person(1), person(2)];
  const row = (id: string): HTMLElement => {
    const found = screen.getAllByTestId("people-row").find((r) => r.dataset["participant"] === id);
    if (found === undefined) throw new Error(`${id} is not listed`);
    return found;
  };

  test("someone is removed for once or for good, never oneself", async () => {
    const model = new FakeRoom(people);
    const remove = vi.spyOn(model, "remove").mockImplementation(() => undefined);
    render(People, { model, onclose });
    await fireEvent.click(within(row(person(0).id)).getByTestId("person-menu"));
    expect(within(row(person(0).id)).queryByTestId("remove")).toBeNull();
    await fireEvent.click(within(row(person(1).id)).getByTestId("person-menu"));
    within(row(person(1).id)).getByTestId("remove").focus();
    await fireEvent.click(within(row(person(1).id)).getByTestId("remove"));
    await fireEvent.click(screen.getByTestId("remove-ban"));
    await fireEvent.click(screen.getByTestId("remove-confirm"));
    expect(remove).toHaveBeenCalledExactlyOnceWith(person(1).id, true);
    expect(screen.queryByTestId("remove-dialog")).toBeNull();
    expect(document.activeElement).toBe(within(row(person(1).id)).getByTestId("remove"));
    // Once the room says so the row goes, with the focus in it: the next one has it then.
    model.state = { ...model.state, roster: people.filter((p) => p.id !== person(1).id) };
    flushSync();
    await tick();
    expect(row(person(2).id).contains(document.activeElement)).toBe(true);
  });

  test("the spotlight is put on someone and taken off again", async () => {
    const model = new FakeRoom(people);
    render(People, { model, onclose });
    await fireEvent.click(within(row(person(1).id)).getByTestId("person-menu"));
    const button = within(row(person(1).id)).getByTestId("spotlight");
    await fireEvent.click(button);
    expect(model.state.spotlight).toBe(person(1).id);
    expect(button.getAttribute("aria-pressed")).toBe("true");
    expect(within(row(person(1).id)).getByTestId("marks").textContent).toContain("In the spotlight");
    await fireEvent.click(button);
    expect(model.state.spotlight).toBeNull();
  });

  test("how guests are met waits for the room's word", async () => {
    const model = new FakeRoom(people);
    const set = vi.spyOn(model, "setGuests").mockImplementation(() => undefined);
    render(People, { model, onclose });
    const radio = (value: string): HTMLInputElement => {
      const found = screen.getByTestId("guests").querySelector<HTMLInputElement>(`input[value=${value}]`);
      if (found === null) throw new Error(`there is no ${value}`);
      return found;
    };
    await fireEvent.click(radio("accept"));
    expect(set).toHaveBeenCalledWith("accept");
    expect(radio("ask").checked).toBe(true);
    model.state = { ...model.state, guests: "accept" };
    flushSync();
    expect(radio("accept").checked).toBe(true);
  });

  test("a new link is asked for twice and then shown", async () => {
    const model = new FakeRoom(people);
    const rotate = vi.spyOn(model, "rotateLink");
    render(People, { model, onclose });
    await fireEvent.click(screen.getByTestId("rotate-link"));
    expect(rotate).not.toHaveBeenCalled();
    await fireEvent.click(screen.getByTestId("rotate-confirm"));
    await tick();
    expect(screen.getByTestId<HTMLInputElement>("new-link").value).toBe(model.invite);
  });
});

test("a room is made as its maker set it, and otherwise as the server would", async () => {
  const made: RoomMade = { room: "room_1", name: "R", moderator_path: "/r/room_1#M", guest_path: "/r/room_1#G" };
  const bodies: unknown[] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    if (path.endsWith("/about")) return new Response(JSON.stringify({ version: "0", key_needed: false }));
    bodies.push(JSON.parse(String(init.body)));
    return new Response(JSON.stringify(made));
  });
  render(Start, { made: null, onmade: () => undefined, onenter: () => undefined });
  await fireEvent.input(screen.getByTestId("room-name"), { target: { value: "Choir" } });
  await fireEvent.click(screen.getByTestId("make-room"));
  await vi.waitFor(() => expect(bodies).toHaveLength(1));
  expect(bodies[0]).toEqual({
    name: "Choir",
    guests: "ask",
    starter: "anyone",
    unattended: "continue",
    join_muted: false,
    late_chat: true,
    attendance: false,
    learning: false,
    video_codec: "vp8",
  });
  await fireEvent.change(screen.getByTestId("option-guests"), { target: { value: "accept" } });
  await fireEvent.change(screen.getByTestId("option-starter"), { target: { value: "moderator" } });
  await fireEvent.change(screen.getByTestId("option-unattended"), { target: { value: "close" } });
  await fireEvent.change(screen.getByTestId("option-minutes"), { target: { value: "30" } });
  await fireEvent.change(screen.getByTestId("option-codec"), { target: { value: "h264" } });
  await fireEvent.click(screen.getByTestId("option-muted"));
  await vi.waitFor(() => expect(screen.getByTestId<HTMLButtonElement>("make-room").disabled).toBe(false));
  await fireEvent.click(screen.getByTestId("make-room"));
  await vi.waitFor(() => expect(bodies).toHaveLength(2));
  expect(bodies[1]).toEqual({
    name: "Choir",
    guests: "accept",
    starter: "moderator",
    unattended: { close_after_minutes: 30 },
    join_muted: true,
    late_chat: true,
    attendance: false,
    learning: false,
    video_codec: "h264",
  });
});
