import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakePeer, fakeTrack } from "./fake-media";
import { FakeSocket } from "./fake-socket";
import type { ClientMessage, Participant, RoomEvent } from "./proto";
import { Room } from "./room";

const SELF = "par_self";
let sockets: FakeSocket[];
let seq: number;
let room: Room;

const me = (change: Partial<Participant> = {}): Participant => ({
  id: SELF,
  name: "Me",
  role: "participant",
  standing: "guest",
  connected: true,
  sources: [],
  muted: false,
  away: false,
  interpreter: false,
  exceptions: [],
  ...change,
});
const view = (self: Participant) => ({
  room: "room_1",
  name: "R",
  opened_at: 1,
  participants: [self],
  presenter: null,
  asking_to_present: [],
  minute_taker: null,
  hands: [],
  chat: [],
  private: [],
  votes: [],
  locks: [],
});

function socket(): FakeSocket {
  const found = sockets.at(-1);
  if (found === undefined) throw new Error("no socket was opened");
  return found;
}
function peer(): FakePeer {
  const found = FakePeer.all.at(-1);
  if (found === undefined) throw new Error("no peer connection was made");
  return found;
}
/** How many offers were made beside those of the greetings. */
const offers = () => sockets.reduce((sum, each) => sum + each.count("offer"), 0);
const settle = () => vi.advanceTimersByTimeAsync(0);

/** Answers what the room asks, as a server would: done, and the event it leads to. */
async function serve(event?: (message: ClientMessage) => RoomEvent | null): Promise<ClientMessage> {
  await settle();
  const message = socket().sent.at(-1);
  if (message === undefined) throw new Error("nothing was asked");
  const led = event?.(message) ?? null;
  if (led !== null) socket().say({ type: "event", seq: (seq += 1), at: 0, event: led });
  if (message.type === "offer") {
    socket().say({ type: "answer", re: message.id, answer: { number: message.offer.number, sdp: "answer" } });
  } else socket().say({ type: "done", re: message.id });
  await settle();
  return message;
}

async function welcome(change: object = {}): Promise<void> {
  socket().accept();
  await settle();
  const hello = socket().last("hello");
  socket().say({
    type: "welcome",
    re: hello.id,
    protocol: 1,
    participant: SELF,
    meeting: "mtg_1",
    seq,
    media: true,
    ...(hello.offer === undefined ? {} : { answer: { number: hello.offer.number, sdp: "answer" } }),
    ...change,
  });
  await settle();
}

async function enter(): Promise<void> {
  const entered = room.connect("ws://test/", "t", {
    socket: () => {
      const made = new FakeSocket();
      sockets.push(made);
      return made;
    },
  });
  await welcome({ room: view(me()) });
  await entered;
}

const published = (source: "microphone" | "camera") => (): RoomEvent => ({ type: "published", participant: SELF, source });

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("RTCPeerConnection", FakePeer);
  FakePeer.all = [];
  sockets = [];
  seq = 1;
  room = new Room();
});
afterEach(() => {
  room.leave();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("entering", () => {
  test("one offer carries four sending lines, four audio slots and nine video slots", async () => {
    await enter();
    const { offer } = socket().last("hello");
    expect(offer).toMatchObject({ number: 1, fresh: true });
    expect(offer?.sources).toEqual({ "0": "microphone", "1": "camera", "2": "screen", "3": "screen_audio" });
    const lines = peer().lines;
    expect(lines.map((line) => line.init.direction)).toEqual([...Array(4).fill("sendonly"), ...Array(13).fill("recvonly")]);
    expect(lines.slice(4).map((line) => line.kind)).toEqual([...Array(4).fill("audio"), ...Array(9).fill("video")]);
    expect(lines[1]?.init.sendEncodings?.map((e) => [e.rid, e.scaleResolutionDownBy])).toEqual([["q", 4], ["h", 2], ["f", 1]]);
    expect(peer().remote).toBe("answer");
    expect(room.state.name).toBe("R");
  });

  test("a refusal rejects with the server's code", async () => {
    const entering = room.connect("ws://test/", "t", {
      socket: () => {
        const made = new FakeSocket();
        sockets.push(made);
        return made;
      },
    });
    socket().accept();
    await settle();
    socket().say({ type: "refused", re: socket().last("hello").id, problem: { code: "full" } });
    await expect(entering).rejects.toMatchObject({ code: "full" });
    expect(room.connection.kind).toBe("closed");
  });
});

describe("the lobby", () => {
  const wait = (position: number) => ({ reason: "guest", position, message: null });

  /** Asks to come in and is told to wait. */
  async function knock(): Promise<void> {
    const entered = room.connect("ws://test/", "t", {
      socket: () => {
        const made = new FakeSocket();
        sockets.push(made);
        return made;
      },
    });
    await told(2);
    await entered;
  }

  async function told(position: number): Promise<void> {
    socket().accept();
    await settle();
    const re = socket().last("hello").id;
    socket().say({ type: "waiting", re, participant: SELF, meeting: "mtg_1", ...wait(position) });
    await settle();
  }

  test("keeps no media connection, and a fresh one is made once let in", async () => {
    await knock();
    expect(room.connection.kind).toBe("waiting");
    expect(room.wait).toEqual(wait(2));
    expect(peer().closed).toBe(true);
    socket().say({ type: "lobby", ...wait(1) });
    expect(room.wait).toEqual(wait(1));

    const re = socket().last("hello").id;
    socket().say({ type: "welcome", re, protocol: 1, participant: SELF, meeting: "mtg_1", seq: 1, media: false, room: view(me()) });
    await settle();
    expect(room.wait).toBeNull();
    expect(room.connection.kind).toBe("connected");
    const { offer } = socket().last("offer");
    expect(offer).toMatchObject({ fresh: true, sdp: `v=0 ${FakePeer.all.length - 1}` });
    await serve();
    expect(peer()).toMatchObject({ remote: "answer", closed: false });
  });

  test("a lost link comes back to the same wait", async () => {
    await knock();
    socket().die();
    expect(room.connection.kind).toBe("reconnecting");
    expect(room.wait).toEqual(wait(2));
    await vi.advanceTimersByTimeAsync(1_000);
    await told(1);
    expect(room.connection.kind).toBe("waiting");
    expect(room.wait).toEqual(wait(1));
  });

  test("someone inside who must wait again takes no open microphone along", async () => {
    await enter();
    const track = fakeTrack("audio");
    const on = room.setMicrophoneEnabled(true, track);
    await serve(published("microphone"));
    await on;
    socket().die();
    await vi.advanceTimersByTimeAsync(1_000);
    await told(1);
    expect(track.readyState).toBe("ended");
    expect(room.wait).toEqual(wait(1));
  });

  test("a new guest link is told to who asked for it", async () => {
    await enter();
    const asked = room.lobby.rotateLink();
    await settle();
    socket().say({ type: "guest_link", re: socket().last("rotate_link").id, path: "/r/room_1#NEW" });
    await expect(asked).resolves.toBe("/r/room_1#NEW");
  });
});

test("whether anything can be kept is the server's word", async () => {
  await enter();
  expect(room.storage).toBe(true);
  socket().say({ type: "storage", ok: false });
  expect(room.storage).toBe(false);
  socket().say({ type: "storage", ok: true });
  expect(room.storage).toBe(true);
});

test("what one's connection does not carry is what was told last, and begins as nothing after a return", async () => {
  await enter();
  const off = { participant: "par_b", source: "camera", what: "off" } as const;
  socket().say({ type: "withheld", pictures: [off, { ...off, participant: "par_c", what: "lowered" }] });
  expect(room.withheld("par_b", "camera")).toBe("off");
  expect(room.withheld("par_c", "camera")).toBe("lowered");
  expect(room.soundOnly).toBe(true);
  socket().say({ type: "slots", slots: [{ mid: "8", participant: "par_c", source: "camera" }] });
  expect(room.soundOnly).toBe(false);
  socket().say({ type: "withheld", pictures: [off] });
  expect(room.withheld("par_c", "camera")).toBeNull();

  socket().die();
  await vi.advanceTimersByTimeAsync(1_000);
  await welcome();
  expect(room.withheld("par_b", "camera")).toBeNull();
});

describe("the microphone", () => {
  test("is published once, then muted and opened again", async () => {
    await enter();
    const track = fakeTrack("audio");
    const on = room.setMicrophoneEnabled(true, track);
    expect(room.local.microphone).toBe("starting");
    expect(await serve(published("microphone"))).toMatchObject({ type: "publish", source: "microphone" });
    await on;
    expect(room.local.microphone).toBe("on");
    expect(peer().lines[0]?.sender.track).toBe(track);

    const off = room.setMicrophoneEnabled(false);
    expect(track.enabled).toBe(false);
    await serve(() => ({ type: "muted", participant: SELF, by: SELF }));
    await off;
    expect(room.local.microphone).toBe("muted");

    const again = room.setMicrophoneEnabled(true);
    expect(await serve(() => ({ type: "unmuted", participant: SELF }))).toMatchObject({ type: "unmute" });
    await again;
    expect(track.enabled).toBe(true);
    expect(room.local.microphone).toBe("on");
  });

  test("closed by a moderator stops sending here too, and only its owner opens it", async () => {
    await enter();
    const track = fakeTrack("audio");
    const on = room.setMicrophoneEnabled(true, track);
    await serve(published("microphone"));
    await on;
    socket().say({ type: "event", seq: (seq += 1), at: 0, event: { type: "muted", participant: SELF, by: "par_mod" } });
    expect(track.enabled).toBe(false);
    expect(room.local.microphone).toBe("muted");
  });

  test("a refused opening leaves it closed", async () => {
    await enter();
    const track = fakeTrack("audio");
    const on = room.setMicrophoneEnabled(true, track);
    await settle();
    socket().say({ type: "refused", re: socket().last("publish").id, problem: { code: "locked" } });
    await expect(on).rejects.toMatchObject({ code: "locked" });
    expect(track.enabled).toBe(false);
    expect(room.local.microphone).toBe("off");
  });
});

test("a camera stopped by a moderator is let go of", async () => {
  await enter();
  const track = fakeTrack("video");
  const on = room.setCameraEnabled(true, track);
  await serve(published("camera"));
  await on;
  expect(room.local.camera).toBe("on");
  socket().say({ type: "event", seq: (seq += 1), at: 0, event: { type: "stopped", participant: SELF, source: "camera", by: "par_mod" } });
  await settle();
  expect(track.readyState).toBe("ended");
  expect(peer().lines[1]?.sender.track).toBeNull();
  expect(room.local.camera).toBe("off");
});

describe("slots", () => {
  test("say which line carries whom", async () => {
    await enter();
    socket().say({ type: "slots", slots: [{ mid: "8", participant: "par_b", source: "camera" }] });
    expect(room.trackOf("par_b", "camera")).toBe(peer().lines[8]?.receiver.track);
    socket().say({ type: "slots", slots: [{ mid: "8", participant: null, source: null }] });
    expect(room.trackOf("par_b", "camera")).toBeNull();
    expect(room.audioTracks()).toHaveLength(4);
  });

  test("wishes are told once they have settled, and not twice", async () => {
    await enter();
    const wish = (height: number) => room.wish([{ participant: "par_b", source: "camera", height }]);
    wish(100);
    wish(355);
    await vi.advanceTimersByTimeAsync(100);
    expect(socket().last("wish").wishes).toEqual([{ participant: "par_b", source: "camera", height: 368 }]);
    wish(360);
    await vi.advanceTimersByTimeAsync(100);
    expect(socket().count("wish")).toBe(1);
  });
});

describe("lines", () => {
  test("become more when more is shown, on the same connection", async () => {
    await enter();
    peer().become("connected");
    room.wish(Array.from({ length: 12 }, (_, n) => ({ participant: `par_${n}`, source: "camera" as const, height: 90 })));
    await settle();
    expect(socket().last("offer").offer).toMatchObject({ number: 2, fresh: false });
    await serve();
    expect(peer().lines.filter((line) => line.kind === "video" && line.init.direction === "recvonly")).toHaveLength(12);
    expect(peer().restarts).toBe(0);
    room.wish(Array.from({ length: 60 }, (_, n) => ({ participant: `par_${n}`, source: "camera" as const, height: 90 })));
    await vi.advanceTimersByTimeAsync(3_000);
    await serve();
    expect(peer().lines.filter((line) => line.kind === "video" && line.init.direction === "recvonly")).toHaveLength(24);
    room.wish([]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(offers()).toBe(2);
    expect(FakePeer.all).toHaveLength(1);
  });

  test("refused, the connection is made anew with as many as before", async () => {
    await enter();
    peer().become("connected");
    room.wish(Array.from({ length: 12 }, (_, n) => ({ participant: `par_${n}`, source: "camera" as const, height: 90 })));
    await settle();
    socket().say({ type: "refused", re: socket().last("offer").id, problem: { code: "offer_refused" } });
    await vi.advanceTimersByTimeAsync(3_000);
    await serve();
    peer().become("connected");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(FakePeer.all).toHaveLength(2);
    expect(peer().lines).toHaveLength(17);
    expect(offers()).toBe(2);
  });

  test("nobody looks at encode nothing, and start again when somebody does", async () => {
    await enter();
    const active = () => peer().lines[1]?.sender.encodings.map((encoding) => encoding.active);
    socket().say({ type: "layers", source: "camera", wanted: [true, false, false] });
    await settle();
    expect(active()).toEqual([true, false, false]);
    socket().say({ type: "layers", source: "camera", wanted: [false, false, false] });
    socket().say({ type: "layers", source: "camera", wanted: [true, true, true] });
    await settle();
    expect(active()).toEqual([true, true, true]);
  });

  test("saved data sends the camera's lowest alone, on the next connection too, and then what is wanted", async () => {
    room.sendSmall(true);
    await enter();
    const active = () => peer().lines[1]?.sender.encodings.map((encoding) => encoding.active);
    expect(active()).toEqual([true, false, false]);
    socket().say({ type: "layers", source: "camera", wanted: [true, true, true] });
    await settle();
    expect(active()).toEqual([true, false, false]);

    socket().die();
    await vi.advanceTimersByTimeAsync(1_000);
    await welcome({ media: false });
    await serve();
    expect(FakePeer.all).toHaveLength(2);
    expect(active()).toEqual([true, false, false]);

    socket().say({ type: "layers", source: "camera", wanted: [true, true, false] });
    room.sendSmall(false);
    await settle();
    expect(active()).toEqual([true, true, false]);
  });
});

describe("coming back", () => {
  test("keeps the media connection when the server still has it", async () => {
    await enter();
    socket().die();
    expect(room.connection.kind).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(1_000);
    await welcome({ events: [{ seq: (seq += 1), at: 0, event: { type: "joined", participant: me({ id: "par_b" }) } }] });
    expect(socket().last("hello")).not.toHaveProperty("offer");
    expect(socket().last("hello").resume).toEqual({ meeting: "mtg_1", seq: 1 });
    expect(room.state.roster).toHaveLength(2);
    expect(FakePeer.all).toHaveLength(1);
    expect(room.connection.kind).toBe("connected");
  });

  test("to a restarted server makes a fresh connection and publishes what was on", async () => {
    await enter();
    const track = fakeTrack("video");
    const on = room.setCameraEnabled(true, track);
    await serve(published("camera"));
    await on;
    room.wish([{ participant: "par_b", source: "camera", height: 100 }]);
    await vi.advanceTimersByTimeAsync(100);
    socket().die();
    await vi.advanceTimersByTimeAsync(1_000);
    await welcome({ media: false });
    const { offer } = socket().last("offer");
    expect(offer).toMatchObject({ number: 1, fresh: true, sdp: "v=0 1" });
    expect(FakePeer.all[0]?.closed).toBe(true);
    await serve();
    expect(peer().remote).toBe("answer");
    expect(peer().lines[1]?.sender.track).toBe(track);
    await settle();
    expect(socket().last("publish").source).toBe("camera");
    expect(socket().count("wish")).toBe(1);
  });

  test("a microphone that was closed meanwhile stays closed", async () => {
    await enter();
    const track = fakeTrack("audio");
    const on = room.setMicrophoneEnabled(true, track);
    await serve(published("microphone"));
    await on;
    socket().die();
    await vi.advanceTimersByTimeAsync(1_000);
    await welcome({ media: false, room: view(me({ sources: ["microphone"], muted: true })) });
    await serve();
    expect(track.enabled).toBe(false);
    expect(socket().count("publish")).toBe(0);
    expect(socket().count("unmute")).toBe(0);
  });

  test("a path that broke gets new paths on the same connection", async () => {
    await enter();
    peer().become("connected");
    peer().become("failed");
    await settle();
    expect(FakePeer.all).toHaveLength(1);
    expect(peer().restarts).toBe(1);
    expect(socket().last("offer").offer).toMatchObject({ number: 2, fresh: false });
    await serve();
    expect(peer().answers).toBe(2);
    peer().become("connected");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(offers()).toBe(1);
  });

  test("a path that comes back by itself is left alone", async () => {
    await enter();
    peer().become("connected");
    peer().become("disconnected");
    // The session is doubted as well, and asked for a sign of life.
    socket().say({ type: "done", re: socket().last("ping").id });
    await vi.advanceTimersByTimeAsync(1_500);
    peer().become("connected");
    await vi.advanceTimersByTimeAsync(3_500);
    expect(offers()).toBe(0);
  });

  test("a path that broke during an outage of the session waits for its return", async () => {
    await enter();
    peer().become("connected");
    socket().die();
    peer().become("failed");
    await vi.advanceTimersByTimeAsync(1_000);
    expect(peer().restarts).toBe(0);
    await welcome({ events: [] });
    await settle();
    expect(FakePeer.all).toHaveLength(1);
    expect(socket().last("offer").offer).toMatchObject({ number: 2, fresh: false });
  });

  test("a connection the server has forgotten is replaced", async () => {
    await enter();
    peer().become("connected");
    peer().become("failed");
    await settle();
    socket().say({ type: "refused", re: socket().last("offer").id, problem: { code: "no_media" } });
    await vi.advanceTimersByTimeAsync(3_000);
    expect(FakePeer.all).toHaveLength(2);
    expect(FakePeer.all[0]?.closed).toBe(true);
    expect(socket().last("offer").offer).toMatchObject({ number: 1, fresh: true, sdp: "v=0 1" });
  });

  test("what a moderator stopped meanwhile is not published again", async () => {
    await enter();
    const [voice, face] = [fakeTrack("audio"), fakeTrack("video")];
    const failed = vi.fn();
    room.on("failed", failed);
    let on = room.setMicrophoneEnabled(true, voice);
    await serve(published("microphone"));
    await on;
    on = room.setCameraEnabled(true, face);
    await serve(published("camera"));
    await on;
    socket().die();
    await vi.advanceTimersByTimeAsync(1_000);
    // Too much was missed: the view alone says what is left of one.
    await welcome({ media: false, room: view(me()) });
    await serve();
    await settle();
    expect(socket().count("publish")).toBe(0);
    expect([voice.readyState, face.readyState]).toEqual(["ended", "ended"]);
    expect(peer().lines[0]?.sender.track).toBeNull();
    expect(failed).toHaveBeenCalledTimes(1);
    expect(failed.mock.calls[0]?.[0]).toMatchObject({ code: "stopped_meanwhile" });
  });

  test("whom the room had given up comes in anew, with what is on", async () => {
    await enter();
    const face = fakeTrack("video");
    const on = room.setCameraEnabled(true, face);
    await serve(published("camera"));
    await on;
    socket().die();
    await vi.advanceTimersByTimeAsync(1_000);
    await welcome({ media: false, participant: "par_anew", room: view(me({ id: "par_anew" })) });
    await serve();
    await settle();
    expect(socket().last("publish").source).toBe("camera");
    expect(face.readyState).toBe("live");
  });

  test("leaving lets go of everything at once", async () => {
    await enter();
    const track = fakeTrack("video");
    const on = room.setCameraEnabled(true, track);
    await serve(published("camera"));
    await on;
    room.leave();
    expect(socket().last("leave")).toBeDefined();
    expect(socket().closed).toBe(true);
    expect(track.readyState).toBe("ended");
    expect(peer().closed).toBe(true);
  });
});
