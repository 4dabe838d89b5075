// A thin link between a browser and the server: `shaper`, a program of ours, and a page that sends to it.

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

export class Shaper {
  private constructor(
    /** Where pages send to instead of the server's own port. */
    readonly port: number,
    private readonly child: ChildProcessByStdio<Writable, Readable, null>,
    private readonly lines: AsyncIterator<string>,
    private readonly reader: Interface,
  ) {}

  /** Starts one before the server's UDP address `media`; instant and lossless until told otherwise. */
  static async before(media: string): Promise<Shaper> {
    const program = resolve("../../target/debug/shaper");
    if (!existsSync(program)) throw new Error(`no shaper at ${program}: run cargo build -p conf-sim`);
    const child = spawn(program, [media], { stdio: ["pipe", "pipe", "inherit"] });
    const reader = createInterface({ input: child.stdout });
    const lines = reader[Symbol.asyncIterator]();
    const ready = String((await lines.next()).value);
    const port = /^shaper ready port=(\d+)$/.exec(ready)?.[1];
    if (port === undefined) throw new Error(`expected the shaper's ready line, found: ${ready}`);
    return new Shaper(Number(port), child, lines, reader);
  }

  /** Holds each direction to so many bits a second from now on; gives when that began. */
  async rate(bitsPerSecond: number): Promise<number> {
    await this.#say(`rate ${bitsPerSecond}`, "done");
    return Date.now();
  }

  /** The time each direction takes from now on. */
  async delay(ms: number): Promise<void> {
    await this.#say(`delay ${ms}`, "done");
  }

  /** The share lost by chance in each direction from now on, in bursts of so many on average. */
  async loss(share: number, burst = 1): Promise<void> {
    await this.#say(burst === 1 ? `loss ${share}` : `loss ${share} ${burst}`, "done");
  }

  /** What became of the datagrams of both directions so far. */
  counts(): Promise<string> {
    return this.#say("counts", "counts");
  }

  async #say(command: string, expected: string): Promise<string> {
    this.child.stdin.write(`${command}\n`);
    const answer = String((await this.lines.next()).value);
    if (!answer.startsWith(expected)) throw new Error(`${command}: expected \`${expected} …\`, found \`${answer}\``);
    return answer;
  }

  async stop(): Promise<void> {
    const gone = new Promise((done) => this.child.once("exit", done));
    this.child.stdin.end();
    await gone;
    this.reader.close();
  }
}

/**
 * Runs before the page's code: whatever UDP address an answer names, the page is told `port`, and no
 * TCP address, so that nothing goes around the shaper. The server takes the shaper's sockets for the
 * browser's and answers to them.
 */
export function sendThrough(port: number): void {
  // Only the form with a promise, of the two there are.
  const original: (this: RTCPeerConnection, description: RTCSessionDescriptionInit) => Promise<void> =
    RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = function (description: RTCSessionDescriptionInit) {
    const sdp = (description.sdp ?? "")
      .replace(/^a=candidate:\S+ \d+ tcp .*\r\n/gim, "")
      .replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+ /gim, `$1 ${port} `);
    return original.call(this, { ...description, sdp });
  };
}
