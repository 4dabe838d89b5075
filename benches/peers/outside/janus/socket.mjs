// One WebSocket (RFC 6455) to a local Unix socket, text messages only.
//
// Why not something that exists: Janus' plain Unix transport speaks SOCK_SEQPACKET or SOCK_DGRAM, which Node cannot, and
// the WebSocket of Node speaks TCP only. A file in a private folder needs no free port and lets nobody else in.

import { randomBytes } from "node:crypto";
import { request } from "node:http";

/** The longest message that is taken. Offers for 300 lines are some hundred kilobytes. */
const LONGEST = 8 << 20;

const CONTINUATION = 0;
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

/**
 * Opens a connection.
 *
 * @param {string} path the socket's file
 * @param {string} protocol the subprotocol
 * @param {(text: string) => void} onText called for each message
 * @param {(why: string) => void} onClose called once, when the connection is over
 * @returns {Promise<(text: string) => void>} sends a message
 */
export function connect(path, protocol, onText, onClose) {
  return new Promise((resolve, reject) => {
    const headers = {
      Host: "localhost",
      Connection: "Upgrade",
      Upgrade: "websocket",
      "Sec-WebSocket-Version": "13",
      // The other side's proof that it read this is of use against proxies only: there is none.
      "Sec-WebSocket-Key": randomBytes(16).toString("base64"),
      "Sec-WebSocket-Protocol": protocol,
    };
    const asked = request({ socketPath: path, path: "/", headers });
    asked.once("error", reject);
    asked.once("response", (refusal) => {
      refusal.resume();
      reject(new Error(`the upgrade gave status ${refusal.statusCode}, expected 101`));
    });
    asked.once("upgrade", (_, socket, head) => {
      const read = reader(
        onText,
        (payload) => socket.write(frame(PONG, payload)),
        (why) => socket.destroy(new Error(why)),
      );
      let why = "the other side closed";
      socket.on("error", (error) => (why = error.message));
      socket.once("close", () => onClose(why));
      socket.on("data", read);
      read(head);
      resolve((text) => socket.write(frame(TEXT, Buffer.from(text))));
    });
    asked.end();
  });
}

/** A whole message of a client: masked, as section 5.3 wants it, with a mask that hides nothing. */
export function frame(opcode, payload) {
  const length = payload.length;
  const head = length < 126 ? Buffer.alloc(6) : length < 65_536 ? Buffer.alloc(8) : Buffer.alloc(14);
  head[0] = 0x80 | opcode;
  if (length < 126) {
    head[1] = 0x80 | length;
  } else if (length < 65_536) {
    head[1] = 0x80 | 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 0x80 | 127;
    head.writeUInt32BE(length, 6);
  }
  // The mask, the last four bytes of the head, is zero: masks protect caches of the web, not us.
  return Buffer.concat([head, payload]);
}

/** Takes bytes as they come; tells of whole messages. */
export function reader(onText, onPing, onBroken) {
  let buffered = Buffer.alloc(0);
  let parts = [];
  let size = 0;
  let broken = false;
  const fail = (why) => {
    broken = true;
    onBroken(why);
  };
  return (bytes) => {
    buffered = Buffer.concat([buffered, bytes]);
    while (!broken) {
      if (buffered.length < 2) return;
      const last = (buffered[0] & 0x80) !== 0;
      const opcode = buffered[0] & 0x0f;
      let length = buffered[1] & 0x7f;
      let begin = 2;
      if (length === 126) {
        if (buffered.length < 4) return;
        length = buffered.readUInt16BE(2);
        begin = 4;
      } else if (length === 127) {
        if (buffered.length < 10) return;
        length = Number(buffered.readBigUInt64BE(2));
        begin = 10;
      }
      if ((buffered[1] & 0x80) !== 0) return fail("a masked frame from a server");
      if (size + length > LONGEST) return fail("a message that is too long");
      if (buffered.length < begin + length) return;
      const payload = buffered.subarray(begin, begin + length);
      buffered = buffered.subarray(begin + length);
      if (opcode === CLOSE) return fail("the other side said goodbye");
      if (opcode === PING) onPing(payload);
      if (opcode === TEXT || opcode === CONTINUATION) {
        parts.push(payload);
        size += length;
        if (last) {
          const text = Buffer.concat(parts).toString("utf8");
          parts = [];
          size = 0;
          onText(text);
        }
      }
    }
  };
}
