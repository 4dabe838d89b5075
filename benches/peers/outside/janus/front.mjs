// WHIP (RFC 9725) and WHEP in front of the VideoRoom of a Janus of our own.
//
// - `POST /whip/{room}/{id}` publishes as `id`; the room is made for the first and ends with the last
// - `POST /whep/{room}/{id}` plays what all others in the room publish at that moment
// - both answer 201 with the SDP and a `Location`; `DELETE` there ends the session
//
// Signalling only: media goes between the client and Janus, whose id is in the ready line and whose cost is counted.

import { createServer } from "node:http";
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

import { Janus, Refused } from "./janus.mjs";
import { BadOffer, answerToClient, answerToJanus, read } from "./sdp.mjs";

/** The longest offer in bytes: 300 lines of a browser are about 330 kB. */
const LONGEST_OFFER = 1 << 20;
const MOST_SESSIONS = 4096;
/** How long a player waits for publishers that have not connected yet. */
const UP_WITHIN_MS = 5_000;
const SDP = "application/sdp";
/** Janus' codes for descriptions it cannot use: the fault of who offered. */
const BAD_JSEP = [464, 465, 466];

/** A request that is answered with a status and one line. */
class Problem extends Error {
  constructor(status, line) {
    super(line);
    this.status = status;
  }
}

const { values: options } = parseArgs({
  options: {
    listen: { type: "string", default: "127.0.0.1:0" },
    // What all peers are given. Janus chooses its own ports, and loopback it cannot have.
    "media-listen": { type: "string" },
    "media-address": { type: "string" },
    janus: { type: "string", default: "janus" },
    libraries: { type: "string" },
    log: { type: "string", default: "2" },
  },
});
const [, host, port] = /^(127\.\d+\.\d+\.\d+):(\d+)$/.exec(options.listen) ?? [];
if (!host) stop(`--listen ${options.listen}: expected a loopback address such as 127.0.0.1:0`);
// Janus leaves loopback interfaces out, whatever it is told. What this machine sends to an address of its own does not
// leave it either, and takes the same way through the kernel.
const media = options["media-address"] ?? ownAddress() ?? stop("this machine has no address but loopback: see README.md");
if (!/^[0-7]$/.test(options.log)) stop(`--log ${options.log}: expected a level from 0 to 7`);

/** Name → room, which ends with its last session. */
const rooms = new Map();
/** Number → session. */
const sessions = new Map();
let drawn = 0;

const janus = new Janus(
  { program: options.janus, libraries: options.libraries, media, log: Number(options.log) },
  (why) => end(1, why),
);
process.on("SIGTERM", () => end(0));
process.on("SIGINT", () => end(0));
process.once("exit", () => janus.endNow());
await janus.start().catch((error) => end(1, error.message));
/** The handle that makes and ends rooms. */
const desk = await janus.attach(() => {});

const server = createServer((request, response) => {
  answer(request).then(
    ([status, headers, body]) => response.writeHead(status, headers).end(body),
    (error) => {
      const status = statusOf(error);
      // What was not read of the request is not waited for.
      response.writeHead(status, { "Content-Type": "text/plain", Connection: "close" });
      response.end(`${error.message.replaceAll(/\s+/g, " ")}\n`);
    },
  );
});
// Connections outlast a run: one that closes while a request is on its way fails that request.
server.keepAliveTimeout = 300_000;
server.listen(Number(port), host, () => {
  console.log(`peer ready http=http://${host}:${server.address().port} pid=${janus.pid} media=${media}`);
});

function statusOf(error) {
  if (error instanceof Problem) return error.status;
  if (error instanceof BadOffer) return 400;
  if (error instanceof Refused) return BAD_JSEP.includes(error.code) ? 400 : 502;
  return 503;
}

async function answer(request) {
  const path = /^\/(whip|whep|session)\/([\w.~-]{1,100})(?:\/([\w.~-]{1,100}))?$/.exec(request.url.split("?")[0]);
  const [, kind, first, id] = path ?? [];
  if (!path || (kind === "session") !== (id === undefined)) {
    throw new Problem(404, "expected /whip/{room}/{id}, /whep/{room}/{id} or /session/{number}");
  }
  const method = kind === "session" ? "DELETE" : "POST";
  if (request.method !== method) throw new Problem(405, `expected ${method}`);
  if (kind === "session") {
    const session = sessions.get(first);
    if (!session?.made) throw new Problem(404, "no such session");
    await leave(session);
    return [200, {}, ""];
  }
  const offer = await body(request);
  const made = await make(kind, first, id, offer);
  return [201, { "Content-Type": SDP, Location: `/session/${made.number}` }, made.answer];
}

function body(request) {
  if (!request.headers["content-type"]?.startsWith(SDP)) throw new Problem(415, `expected ${SDP}`);
  return new Promise((resolve, reject) => {
    const parts = [];
    let size = 0;
    request.on("data", (part) => {
      size += part.length;
      if (size <= LONGEST_OFFER) parts.push(part);
      else reject(new Problem(413, `the offer is longer than ${LONGEST_OFFER} bytes`));
    });
    request.once("end", () => resolve(Buffer.concat(parts).toString("utf8")));
    request.once("error", reject);
  });
}

/** Makes a session; what was begun of one that fails is taken back. */
async function make(kind, name, owner, text) {
  const offer = read(text);
  if (sessions.size >= MOST_SESSIONS) throw new Problem(503, `there are ${MOST_SESSIONS} sessions already`);
  const session = { number: String((drawn += 1)), name, owner, streams: [], made: false };
  session.up = new Promise((resolve) => (session.isUp = resolve));
  sessions.set(session.number, session);
  try {
    const room = await enter(session, kind === "whip");
    session.handle = await janus.attach((said) => told(session, said));
    const answer = await (kind === "whip" ? publish(session, room, offer, text) : play(session, room, offer));
    if (!sessions.has(session.number)) throw new Error("janus hung up");
    if (kind === "whip") room.publishers.add(session);
    session.made = true;
    return { number: session.number, answer };
  } catch (error) {
    await leave(session).catch(() => {});
    throw error;
  }
}

/** What Janus says of a session unasked. */
function told(session, said) {
  if (said.janus === "webrtcup") session.isUp(true);
  // The client is gone without a word.
  if (said.janus === "hangup") leave(session).catch(() => {});
}

/** The room of this name, made if it is to be made, with the session in it. */
async function enter(session, makes) {
  let room = rooms.get(session.name);
  if (!room) {
    if (!makes) throw new Problem(409, "nobody publishes in this room");
    // The name may be used again before Janus has forgotten it: its own is another each time.
    room = { id: `room-${session.number}`, publishers: new Set(), members: new Set() };
    room.made = create(room.id);
    rooms.set(session.name, room);
  }
  room.members.add(session);
  session.room = room;
  await room.made;
  return room;
}

async function create(id) {
  const made = await janus.message(desk, {
    request: "create",
    room: id,
    is_private: true,
    publishers: MOST_SESSIONS,
    audiocodec: "opus",
    videocodec: "vp8",
    // No cap, no keyframes without need.
    bitrate: 0,
    fir_freq: 0,
    transport_wide_cc_ext: true,
    audiolevel_ext: true,
    // Levels are forwarded, not computed with.
    audiolevel_event: false,
    notify_joining: false,
  });
  if (made.data.videoroom !== "created") throw new Error("janus made no room");
}

async function publish(session, room, offer, text) {
  const lines = offer.lines.filter((line) => line.sends);
  if (lines.length === 0) throw new BadOffer("the offer sends nothing: expected a=sendonly");
  const request = { request: "joinandconfigure", ptype: "publisher", room: room.id, id: `feed-${session.number}` };
  const { sdp } = await janus.message(session.handle, request, { type: "offer", sdp: text });
  if (!sdp) throw new Error("janus gave no answer to the offer");
  // What it took: another codec than the room's is refused.
  session.streams = read(sdp).lines.filter((line) => line.receives).map(({ kind, mid }) => ({ kind, mid }));
  if (session.streams.length === 0) throw new BadOffer("the offer sends neither Opus nor VP8");
  return sdp;
}

async function play(session, room, client) {
  const others = [...room.publishers].filter((publisher) => publisher.owner !== session.owner);
  const late = sleep(UP_WITHIN_MS, false, { ref: false });
  const up = await Promise.all(others.map((publisher) => Promise.race([publisher.up, late])));
  const sources = others
    .filter((publisher, at) => up[at] && sessions.has(publisher.number))
    .flatMap((publisher) => publisher.streams.map((stream) => ({ ...stream, feed: `feed-${publisher.number}` })));

  // Each of the client's lines takes the first source of its kind that is left. Subscribed in the order of the lines,
  // Janus' lines have the client's mids as long as nothing is left out.
  const streams = [];
  const places = [];
  client.lines.forEach((line, place) => {
    const at = line.receives ? sources.findIndex((source) => source.kind === line.kind) : -1;
    if (at < 0) return;
    const [{ feed, mid }] = sources.splice(at, 1);
    streams.push({ feed, mid });
    places.push(place);
  });
  if (streams.length === 0) throw new Problem(409, "nobody publishes what this offer receives");

  const request = { request: "join", ptype: "subscriber", room: room.id, autoupdate: false, streams };
  const { sdp } = await janus.message(session.handle, request);
  if (!sdp) throw new Error("janus made no offer");
  const theirs = read(sdp);
  if (theirs.lines.length !== places.length) throw new Error("janus offers other lines than were subscribed");
  const answer = answerToClient(theirs, client, places);
  const reply = answerToJanus(theirs, client, places);
  await janus.message(session.handle, { request: "start" }, { type: "answer", sdp: reply });
  return answer;
}

/** Ends a session, and the room with the last one. */
async function leave(session) {
  if (!sessions.delete(session.number)) return;
  session.isUp(false);
  const { room, handle } = session;
  room?.publishers.delete(session);
  room?.members.delete(session);
  const empty = room && room.members.size === 0 && rooms.get(session.name) === room;
  if (empty) rooms.delete(session.name);
  try {
    if (handle) await janus.detach(handle);
  } finally {
    if (empty) await janus.message(desk, { request: "destroy", room: room.id });
  }
}

async function end(code, why) {
  if (why) console.error(why);
  await janus.end();
  process.exit(code);
}

function ownAddress() {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
}

function stop(why) {
  console.error(why);
  process.exit(2);
}
