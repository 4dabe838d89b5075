// `node --test` here; needs no Janus.

import assert from "node:assert/strict";
import { test } from "node:test";

import { BadOffer, answerToClient, answerToJanus, read } from "./sdp.mjs";
import { frame, reader } from "./socket.mjs";

const MID = "urn:ietf:params:rtp-hdrext:sdes:mid";
const CC = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

/** An offer of lines, as the load generator writes them. */
function client(kinds) {
  const lines = kinds.map((kind, mid) => [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${kind === "video" ? "96 97" : "111"}`,
    `a=mid:${mid}`,
    "a=ice-ufrag:mine",
    "a=fingerprint:sha-256 AA",
    "a=setup:actpass",
    ...(mid === 0 ? ["a=candidate:1 1 udp 1 192.0.2.1 1000 typ host"] : []),
    "a=recvonly",
    `a=extmap:4 ${MID}`,
    `a=extmap:3 ${CC}`,
    ...(kind === "video"
      ? ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"]
      : ["a=rtpmap:111 opus/48000/2"]),
  ]);
  return ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", ...lines.flat(), ""].join("\r\n");
}

/** An offer of lines, as Janus writes them. */
function janus(kinds) {
  const lines = kinds.map((kind, mid) => [
    `m=${kind} 9 UDP/TLS/RTP/SAVPF ${kind === "video" ? "96 97" : "111"}`,
    "a=sendonly",
    `a=mid:${mid}`,
    "a=ice-ufrag:its",
    "a=setup:actpass",
    `a=extmap:7 ${MID}`,
    ...(kind === "video"
      ? ["a=rtpmap:96 VP8/90000", `a=extmap:8 ${CC}`, "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"]
      : ["a=rtpmap:111 opus/48000/2"]),
    `a=ssrc:${100 + mid} cname:janus`,
    "a=candidate:1 1 udp 1 192.0.2.2 2000 typ host",
  ]);
  const session = ["v=0", "o=- 2 1 IN IP4 192.0.2.2", "s=room", "t=0 0", "a=fingerprint:sha-256 BB", "a=ice-lite"];
  return [...session, ...lines.flat()].join("\r\n");
}

test("two offers become each other's answers", () => {
  const [ours, theirs] = [read(client(["audio", "video"])), read(janus(["audio", "video"]))];
  const toJanus = read(answerToJanus(theirs, ours, [0, 1]));
  assert.ok(toJanus.session.includes("a=group:BUNDLE 0 1"));
  for (const line of toJanus.lines) {
    assert.equal(line.direction, "recvonly");
    assert.equal(line.value("setup"), "active");
    assert.equal(line.value("ice-ufrag"), "mine");
    assert.equal(line.value("candidate"), "1 1 udp 1 192.0.2.1 1000 typ host", "the bundle's, said at its first line");
  }
  const toClient = read(answerToClient(theirs, ours, [0, 1]));
  assert.ok(toClient.session.includes("a=ice-lite"));
  assert.deepEqual(toClient.lines.map((line) => line.value("ssrc")), ["100 cname:janus", "101 cname:janus"]);
  for (const line of toClient.lines) {
    assert.equal(line.direction, "sendonly");
    assert.equal(line.value("setup"), "passive");
    assert.equal(line.value("fingerprint"), "sha-256 BB");
  }
});

test("header extensions keep the client's numbers and only what both have", () => {
  const [ours, theirs] = [read(client(["audio", "video"])), read(janus(["audio", "video"]))];
  for (const answer of [answerToJanus, answerToClient]) {
    const lines = read(answer(theirs, ours, [0, 1])).lines.map((line) => line.all("extmap"));
    assert.deepEqual(lines, [[`a=extmap:4 ${MID}`], [`a=extmap:4 ${MID}`, `a=extmap:3 ${CC}`]]);
  }
});

test("a line that nothing fills is refused, and what then has another mid goes without", () => {
  const [ours, theirs] = [read(client(["audio", "audio", "video"])), read(janus(["audio", "video"]))];
  const answer = read(answerToClient(theirs, ours, [0, 2]));
  assert.deepEqual(answer.lines.map((line) => [line.mid, line.port, line.direction]), [
    ["0", "9", "sendonly"],
    ["1", "0", "inactive"],
    ["2", "9", "sendonly"],
  ]);
  assert.ok(answer.session.includes("a=group:BUNDLE 0 2"));
  assert.deepEqual(answer.lines[2].all("extmap"), [`a=extmap:3 ${CC}`]);
  assert.deepEqual(read(answerToJanus(theirs, ours, [0, 2])).lines.map((line) => line.mid), ["0", "1"]);
});

test("what cannot be answered is said", () => {
  const theirs = read(janus(["video"]));
  const ours = read(client(["video"]).replaceAll("VP8", "H264"));
  assert.throws(() => answerToClient(theirs, ours, [0]), /line 0 of the offer has none of vp8\/90000 as 96/);
  for (const text of ["", "hello", "v=0\r\ns=-\r\n"]) assert.throws(() => read(text), BadOffer);
});

test("messages are read however they are cut", () => {
  // What a client writes is masked with zeros: without the mask's bit and bytes it is what a server writes.
  const server = (text, first = 0x81) => {
    const whole = frame(1, Buffer.from(text));
    const mask = whole.length - Buffer.byteLength(text) - 4;
    const head = Buffer.from(whole.subarray(0, mask));
    head[0] = first;
    head[1] &= 0x7f;
    return Buffer.concat([head, Buffer.from(text)]);
  };
  const long = "ä".repeat(33_000);
  const bytes = Buffer.concat([server("one"), server("t", 0x01), server("wo", 0x80), server("x".repeat(300)), server(long)]);
  for (const cut of [7, 1000, bytes.length]) {
    const heard = [];
    const take = reader((text) => heard.push(text), assert.fail, assert.fail);
    for (let at = 0; at < bytes.length; at += cut) take(bytes.subarray(at, at + cut));
    assert.deepEqual(heard, ["one", "two", "x".repeat(300), long]);
  }
});

test("a masked or endless message breaks the connection", () => {
  for (const head of [[0x81, 0x80], [0x81, 127, 0, 0, 1, 0, 0, 0, 0, 0]]) {
    let why;
    reader(assert.fail, assert.fail, (reason) => (why = reason))(Buffer.from(head));
    assert.match(why, /masked|too long/);
  }
});
