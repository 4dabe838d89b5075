// A WHIP and WHEP front end for mediasoup: its SFU beside ours, under the same load generator.
//
// One Worker (one media thread), one Router for each room, one WebRtcServer (one UDP port for
// everyone), a WebRtcTransport for each POST, a Producer for each line that sends, a Consumer for
// each line that receives. Media never passes through this process, which is why the ready line
// names the worker's: that is the one whose processor time is counted.
//
// Everything is on as mediasoup has it by default: NACK and RTX, reports, transport feedback, its
// estimator with probation, keyframe requests, io_uring where its build and the kernel have it
// (`--no-liburing` turns that off). It has no tokens and no limits of people: loopback only.

import { createServer } from "node:http";
import { isIP } from "node:net";
import { parseArgs } from "node:util";

import mediasoup from "mediasoup";

import {
  Refused,
  readOffer,
  receivingCapabilities,
  sendingParameters,
  writeAnswer,
} from "./sdp.mjs";

/** The longest offer in bytes, as for our other peers. */
const LONGEST_OFFER = 1 << 20;
const MOST_SESSIONS = 10_000;
/** What the estimator believes at first, in bit/s: high, so that it holds nothing back unheard. */
const START_RATE = 1_000_000_000;
/** In bytes, as our server asks for; the kernel grants less where it is told to. */
const SOCKET_BUFFER = 8 << 20;
/** How long an idle connection stays, in ms: longer than a run, so that none is closed in use. */
const KEEP_ALIVE = 120_000;
const SDP = "application/sdp";
const OPUS = { kind: "audio", mimeType: "audio/opus", clockRate: 48_000, channels: 2 };
const VP8 = { kind: "video", mimeType: "video/VP8", clockRate: 90_000 };
/** The payload types are those that conf-load offers. */
const CODECS = [
  { ...OPUS, preferredPayloadType: 111 },
  { ...VP8, preferredPayloadType: 96 },
];

/** From a room's name to `{ router, sources, sessions }`; the router is a promise of one. */
const rooms = new Map();
/** From a session's number to `{ transport, room, name }`. */
const sessions = new Map();
let lastSession = 0;

const options = readOptions();
const worker = await mediasoup.createWorker({
  logLevel: "error",
  disableLiburing: options.noLiburing,
});
worker.on("died", (error) => {
  console.error(`the worker died: ${error.message}`);
  process.exit(1);
});
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    worker.close();
    process.exit(0);
  });
}
const webRtcServer = await worker.createWebRtcServer({
  listenInfos: [
    {
      protocol: "udp",
      ...options.media,
      sendBufferSize: SOCKET_BUFFER,
      recvBufferSize: SOCKET_BUFFER,
    },
  ],
});
const http = createServer((request, response) => {
  answer(request).then(
    ({ status, headers = {}, body = "" }) => response.writeHead(status, headers).end(body),
    (error) => fail(response, error),
  );
});
http.keepAliveTimeout = KEEP_ALIVE;
http.listen(options.http.port, options.http.ip, async () => {
  const { udpSockets } = await webRtcServer.dump();
  const media = written(udpSockets[0]);
  const { address: ip, port } = http.address();
  console.log(`peer ready http=http://${written({ ip, port })} media=${media} pid=${worker.pid}`);
});

/** Finds who a request is for. */
async function answer(request) {
  const path = new URL(request.url, "http://localhost").pathname.split("/").slice(1);
  const [kind, room, id, ...rest] = path.map(decoded);
  if ((kind === "whip" || kind === "whep") && room && id && rest.length === 0) {
    if (request.method !== "POST") return { status: 405, body: "expected POST\n" };
    if (!request.headers["content-type"]?.startsWith(SDP)) {
      return { status: 415, body: "expected application/sdp\n" };
    }
    const offer = readOffer(await readBody(request));
    return kind === "whip" ? make(room, offer, publish(id)) : make(room, offer, play(id));
  }
  if (kind === "session" && room && id === undefined) {
    if (request.method !== "DELETE") return { status: 405, body: "expected DELETE\n" };
    return end(Number(room)) ? { status: 200 } : { status: 404, body: "no such session\n" };
  }
  return { status: 404, body: "expected /whip/{room}/{id} or /whep/{room}/{id}\n" };
}

/** Makes a session; `negotiate` makes what flows in it and gives the answer of each line. */
async function make(name, offer, negotiate) {
  if (sessions.size >= MOST_SESSIONS) return { status: 503, body: "too many sessions\n" };
  const number = ++lastSession;
  const room = enter(name, number);
  const session = { transport: undefined, room, name };
  sessions.set(number, session);
  try {
    const router = await room.router;
    const transport = await router.createWebRtcTransport({
      webRtcServer,
      initialAvailableOutgoingBitrate: START_RATE,
    });
    session.transport = transport;
    // Who goes without a word is missed by their checks, and so is what they publish.
    transport.on("icestatechange", (state) => state === "disconnected" && end(number));
    transport.on("dtlsstatechange", (state) => /failed|closed/.test(state) && end(number));
    await transport.connect({ dtlsParameters: offer.dtls });
    const lines = await negotiate(offer, session, router.rtpCapabilities);
    const headers = { "content-type": SDP, location: `/session/${number}` };
    return { status: 201, headers, body: writeAnswer(transport, lines) };
  } catch (error) {
    end(number);
    throw error;
  }
}

/** WHIP: each line that sends becomes a source of the room. */
function publish(owner) {
  return async (offer, { transport, room }, capabilities) => {
    const sends = ({ direction }) => direction === "sendonly" || direction === "sendrecv";
    if (!offer.lines.some(sends)) throw new Refused("the offer has no line that sends");
    const parameters = offer.lines.map((line) =>
      sends(line) ? sendingParameters(line, capabilities) : undefined,
    );
    const answers = [];
    for (const [at, line] of offer.lines.entries()) {
      if (!parameters[at]) {
        answers.push({ line, direction: "inactive" });
        continue;
      }
      const producer = await transport.produce({ kind: line.kind, rtpParameters: parameters[at] });
      const source = { owner, kind: line.kind, producer };
      room.sources.push(source);
      producer.observer.once("close", () => room.sources.splice(room.sources.indexOf(source), 1));
      answers.push({ line, direction: "recvonly", parameters: parameters[at] });
    }
    return answers;
  };
}

/** WHEP: lines that receive are filled with what others publish now, in order of appearance. */
function play(owner) {
  return async (offer, { transport, room }, capabilities) => {
    const receives = ({ direction }) => direction === "recvonly" || direction === "sendrecv";
    if (!offer.lines.some(receives)) throw new Refused("the offer has no line that receives");
    const others = room.sources.filter((source) => source.owner !== owner);
    const waiting = {
      audio: others.filter(({ kind }) => kind === "audio"),
      video: others.filter(({ kind }) => kind === "video"),
    };
    const next = (line) => (receives(line) ? waiting[line.kind].shift() : undefined);
    const filled = offer.lines.map((line) => ({ line, source: next(line) }));
    return Promise.all(
      filled.map(async ({ line, source }) => {
        if (!source) return { line, direction: "inactive" };
        const consumer = await transport.consume({
          producerId: source.producer.id,
          rtpCapabilities: receivingCapabilities(line, capabilities),
          mid: line.mid,
        });
        const { rtpParameters: parameters } = consumer;
        return { line, direction: "sendonly", parameters, stream: source.producer.id };
      }),
    );
  };
}

/** Ends a session; `false` when there is none. */
function end(number) {
  const session = sessions.get(number);
  if (!session) return false;
  sessions.delete(number);
  session.transport?.close();
  const { room, name } = session;
  room.sessions.delete(number);
  if (room.sessions.size === 0) {
    rooms.delete(name);
    // A room that never opened has told those who waited for it.
    room.router.then((router) => router.close()).catch(() => {});
  }
  return true;
}

function enter(name, number) {
  let room = rooms.get(name);
  if (!room) {
    const router = worker.createRouter({ mediaCodecs: CODECS });
    room = { router, sources: [], sessions: new Set() };
    rooms.set(name, room);
  }
  room.sessions.add(number);
  return room;
}

/** Bad offers are the asker's fault, and mediasoup says so by the type; the rest is ours. */
function fail(response, error) {
  const asker = error instanceof TypeError || error.name === "UnsupportedError";
  const status = error.status ?? (asker ? 400 : 500);
  const [reason] = String(error.message).split("\n");
  if (status === 500) console.error(error);
  const headers = { "content-type": "text/plain" };
  // What is left of the body is not read.
  if (status === 413) headers.connection = "close";
  if (!response.headersSent) response.writeHead(status, headers);
  response.end(`${reason}\n`);
}

async function readBody(request) {
  const parts = [];
  let length = 0;
  // By itself a loop that ends early would destroy the connection, and with it our answer.
  for await (const part of request.iterator({ destroyOnReturn: false })) {
    length += part.length;
    if (length > LONGEST_OFFER) {
      throw new Refused(`an offer has at most ${LONGEST_OFFER} bytes`, 413);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        listen: { type: "string", default: "127.0.0.1:0" },
        "media-listen": { type: "string", default: "127.0.0.1:0" },
        "no-liburing": { type: "boolean", default: false },
      },
    });
    return {
      http: loopback(values.listen),
      media: loopback(values["media-listen"]),
      noLiburing: values["no-liburing"],
    };
  } catch (error) {
    console.error(error.message);
    return process.exit(2);
  }
}

/** `127.0.0.1:80` or `[::1]:80`; nothing else, as anyone may publish here. */
function loopback(text) {
  const [, ip, port] = /^\[?([^\]]*?)\]?:(\d{1,5})$/.exec(text) ?? [];
  if (!isIP(ip ?? "") || Number(port) > 65_535) throw new Error(`${text} is not ADDRESS:PORT`);
  if (ip !== "::1" && !ip.startsWith("127.")) throw new Error(`${text} is not a loopback address`);
  return { ip, port: Number(port) };
}

function written({ ip, port }) {
  return isIP(ip) === 6 ? `[${ip}]:${port}` : `${ip}:${port}`;
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refused("the path cannot be read");
  }
}
