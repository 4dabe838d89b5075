import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { backoffMs } from "./backoff";
import { FakeSocket } from "./fake-socket";
import type { Resume } from "./proto";
import { Session, type Closed } from "./session";

let sockets: FakeSocket[];
let resume: Resume | null;

function open(): Session {
  const session = new Session({
    url: "ws://test/",
    token: "t",
    offer: async () => null,
    resume: () => resume,
    socket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    random: () => 1,
  });
  session.start();
  return session;
}

function socket(n = sockets.length - 1): FakeSocket {
  const found = sockets[n];
  if (found === undefined) throw new Error(`there is no socket ${n}`);
  return found;
}

async function greet(on = socket()): Promise<void> {
  on.accept();
  await vi.advanceTimersByTimeAsync(0);
  on.say({ type: "welcome", re: on.last("hello").id, protocol: 1, participant: "par_a", meeting: "mtg_1", seq: 5, media: true });
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  resume = null;
});
afterEach(() => {
  vi.useRealTimers();
});

describe("a session", () => {
  test("greets first, with the token and the protocol", async () => {
    open();
    await greet();
    expect(socket().sent[0]).toMatchObject({ type: "hello", token: "t", protocol: 1 });
    expect(socket().sent[0]).not.toHaveProperty("resume");
  });

  test("answers each request once, by its number", async () => {
    const session = open();
    await greet();
    const first = session.request({ type: "raise_hand" });
    const second = session.request({ type: "chat", text: "x" });
    socket().say({ type: "refused", re: socket().last("chat").id, problem: { code: "locked", params: {} } });
    socket().say({ type: "done", re: socket().last("raise_hand").id });
    await expect(first).resolves.toBeNull();
    await expect(second).rejects.toMatchObject({ code: "locked" });
  });

  test("resumes with the last number after the socket is lost", async () => {
    const session = open();
    await greet();
    const waiting = session.request({ type: "unmute" });
    resume = { meeting: "mtg_1", seq: 9 };
    socket().die();
    await expect(waiting).rejects.toMatchObject({ code: "connection_lost" });
    await expect(session.request({ type: "unmute" })).rejects.toMatchObject({ code: "not_connected" });
    await vi.advanceTimersByTimeAsync(250);
    expect(sockets).toHaveLength(2);
    await greet();
    expect(socket().last("hello").resume).toEqual({ meeting: "mtg_1", seq: 9 });
    expect(session.open).toBe(true);
  });

  test("pings every five seconds and gives a silent socket up after twelve", async () => {
    open();
    await greet();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(socket(0).count("ping")).toBe(1);
    socket(0).say({ type: "done", re: socket(0).last("ping").id });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(socket(0).count("ping")).toBe(2);
    expect(socket(0).closed).toBe(false);
    await vi.advanceTimersByTimeAsync(7_000);
    expect(socket(0).closed).toBe(true);
  });

  test.each(["replaced", "ended", "left", "removed", "protocol"] as const)("does not come back after %s", async (reason) => {
    const session = open();
    const closed: Closed[] = [];
    session.on("closed", (because) => closed.push(because));
    await greet();
    socket().say({ type: "bye", reason });
    socket(0).die();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(closed).toEqual([{ kind: "bye", reason }]);
    expect(sockets).toHaveLength(1);
  });

  test.each(["slow", "shutdown"] as const)("comes back after %s", async (reason) => {
    open();
    await greet();
    socket().say({ type: "bye", reason });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
  });

  test("a refused greeting is final, unless the server was only busy", async () => {
    const session = open();
    const closed: Closed[] = [];
    session.on("closed", (because) => closed.push(because));
    socket().accept();
    await vi.advanceTimersByTimeAsync(0);
    socket().say({ type: "refused", re: socket().last("hello").id, problem: { code: "busy" } });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
    socket().accept();
    await vi.advanceTimersByTimeAsync(0);
    socket().say({ type: "refused", re: socket().last("hello").id, problem: { code: "full", params: { max: "2" } } });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(closed).toMatchObject([{ kind: "refused", error: { code: "full", params: { max: "2" } } }]);
    expect(sockets).toHaveLength(2);
  });

  test("waits in the lobby, hears how it stands, and is let in by the same greeting", async () => {
    const session = open();
    const waits: unknown[] = [];
    const welcomes: boolean[] = [];
    session.on("waiting", (wait) => waits.push(wait));
    session.on("welcome", ({ again }) => welcomes.push(again));
    socket().accept();
    await vi.advanceTimersByTimeAsync(0);
    const { id } = socket().last("hello");
    socket().say({ type: "waiting", re: id, participant: "par_a", meeting: "mtg_1", reason: "guest", position: 2, message: null });
    socket().say({ type: "lobby", reason: "guest", position: 1, message: "Soon." });
    expect(waits).toEqual([
      { reason: "guest", position: 2, message: null },
      { reason: "guest", position: 1, message: "Soon." },
    ]);
    await expect(session.request({ type: "raise_hand" })).rejects.toMatchObject({ code: "not_connected" });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(socket().count("ping")).toBe(1);
    socket().say({ type: "welcome", re: id, protocol: 1, participant: "par_a", meeting: "mtg_1", seq: 5, media: false });
    expect(welcomes).toEqual([false]);
    expect(session.open).toBe(true);
  });

  test("who leaves the lobby says so, and who is turned away does not come back", async () => {
    const session = open();
    const closed: Closed[] = [];
    session.on("closed", (because) => closed.push(because));
    socket().accept();
    await vi.advanceTimersByTimeAsync(0);
    socket().say({ type: "waiting", re: 1, participant: "par_a", meeting: "mtg_1", reason: "guest", position: 1, message: null });
    socket().say({ type: "bye", reason: "denied" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(closed).toEqual([{ kind: "bye", reason: "denied" }]);
    expect(sockets).toHaveLength(1);

    const other = open();
    socket().accept();
    await vi.advanceTimersByTimeAsync(0);
    socket().say({ type: "waiting", re: 1, participant: "par_b", meeting: "mtg_1", reason: "guest", position: 1, message: null });
    other.leaveNow();
    expect(socket().count("leave")).toBe(1);
  });

  test("a new guest link is the answer to who asked for it", async () => {
    const session = open();
    await greet();
    const asked = session.ask({ type: "rotate_link" });
    socket().say({ type: "guest_link", re: socket().last("rotate_link").id, path: "/r/room_1#NEW" });
    await expect(asked).resolves.toEqual({ kind: "guest_link", path: "/r/room_1#NEW" });
  });

  test("an aborted request rejects and its late answer is nobody's", async () => {
    const session = open();
    await greet();
    const stop = new AbortController();
    const waiting = session.request({ type: "raise_hand" }, stop.signal);
    stop.abort();
    await expect(waiting).rejects.toMatchObject({ code: "aborted" });
    socket().say({ type: "done", re: socket().last("raise_hand").id });
    expect(session.open).toBe(true);
  });

  test("what it does not understand changes nothing", async () => {
    const session = open();
    await greet();
    socket().say({ type: "from_the_future", more: [1, 2] });
    socket().onmessage?.({ data: "{" } as never);
    socket().onmessage?.({ data: new ArrayBuffer(4) } as never);
    expect(session.open).toBe(true);
  });
});

test("waits grow from a quarter second; only a long outage waits five", () => {
  const full = () => 1;
  expect([0, 1, 2, 3].map((n) => backoffMs(n, 0, full))).toEqual([250, 500, 1_000, 1_000]);
  expect(backoffMs(9, 60_000, full)).toBe(5_000);
  expect(backoffMs(9, 60_000, () => 0)).toBe(2_500);
});

describe("a lost network", () => {
  test("a socket that does not open in four seconds is given up for another", async () => {
    open();
    await vi.advanceTimersByTimeAsync(5_500);
    expect(sockets).toHaveLength(2);
    expect(socket(0).closed).toBe(true);
  });

  test("back, a socket still hanging on the old one is not waited for", async () => {
    const session = open();
    await vi.advanceTimersByTimeAsync(1_000);
    session.retryNow();
    expect(sockets).toHaveLength(2);
  });

  test("doubted, a session has three seconds to prove itself", async () => {
    const session = open();
    await greet();
    const lost = vi.fn();
    session.on("lost", lost);
    session.probe();
    expect(socket().count("ping")).toBe(1);
    await vi.advanceTimersByTimeAsync(2_500);
    expect(lost).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(lost).toHaveBeenCalledTimes(1);
  });

  test("doubted and answering, it goes on", async () => {
    const session = open();
    await greet();
    const lost = vi.fn();
    session.on("lost", lost);
    session.probe();
    socket().say({ type: "done", re: socket().last("ping").id });
    await vi.advanceTimersByTimeAsync(4_000);
    expect(lost).not.toHaveBeenCalled();
  });

  test("a server that greets and hangs up again and again is asked less and less often", async () => {
    open();
    const opened: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      await greet();
      const before = sockets.length;
      const from = Date.now();
      socket().die();
      while (sockets.length === before) await vi.advanceTimersByTimeAsync(50);
      opened.push(Date.now() - from);
    }
    expect(opened).toEqual([250, 500, 1_000, 1_000]);
  });
});
