// A real conf-server of its own for each story: port 0, a fresh data directory, ended by its own id.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import type { Line, Network } from "./network";

/** The built server; `CONF_SERVER` names another build. */
function program(): string {
  const built = process.env["CONF_SERVER"] ?? resolve("../../target/debug/conf-server");
  if (!existsSync(built)) throw new Error(`no server at ${built}: run cargo build -p reference-server`);
  return built;
}

export class Server {
  url = "";
  /** What the server wrote to stderr, for the failure message. */
  log = "";
  readonly folder = mkdtempSync(join(tmpdir(), "conf-e2e-"));
  private child: ChildProcess | undefined;
  /** Where media is received. */
  media = "127.0.0.1:0";
  private http = "127.0.0.1:0";
  /** Words before the program and more settings, for a server elsewhere than on loopback. */
  private before: string[] = [];
  private settings: string[] = [];

  static async start(settings: string[] = []): Promise<Server> {
    const server = new Server();
    server.settings = settings;
    await server.run();
    return server;
  }

  /**
   * Starts one in the network's hall, on every address there, with TLS: browsers give camera and
   * microphone to secure pages only. Its links are written as they are reached by `line`.
   */
  static async startInHall(network: Network, line: Line): Promise<Server> {
    const server = new Server();
    server.before = network.inHall;
    server.settings = ["--tls-self-signed"];
    server.http = server.media = "[::]:0";
    await server.run();
    server.url = new URL(line.reach(server.url)).origin;
    return server;
  }

  /** Starts the process and waits for its ready line. */
  private async run(): Promise<void> {
    const listen = ["--listen", this.http, "--media-listen", this.media, ...this.settings];
    const words = [...this.before, program(), "serve", ...listen];
    const child = spawn(words[0] ?? "", [...words.slice(1), "--data-dir", join(this.folder, "data")], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    child.stderr.on("data", (bytes: Buffer) => {
      this.log += bytes.toString();
    });
    const line = await new Promise<string>((done, failed) => {
      let text = "";
      child.stdout.on("data", (bytes: Buffer) => {
        text += bytes.toString();
        if (text.includes("\n")) done(text);
      });
      child.once("exit", (code) => failed(new Error(`server ended with ${code}: ${this.log}`)));
    });
    const found = /conf ready http=(\S+) media=(\S+) pid=(\d+)/.exec(line);
    if (!found) throw new Error(`expected the ready line, found: ${line}`);
    this.url = (found[1] ?? "").replace(/\/$/, "");
    // A restart must come back where the clients look for it.
    this.http = new URL(this.url).host;
    this.media = found[2] ?? this.media;
  }

  /** The process dies without a chance to tidy up. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Starts again on the same directory and ports. */
  async restart(): Promise<void> {
    await this.run();
  }

  async stop(): Promise<void> {
    await this.end("SIGTERM");
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.child;
    this.child = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    await gone;
  }

  /** Makes a room and gives its two links. Guests walk in, unless the story is about the lobby. */
  async room(
    name = "Physics 7b",
    settings: { guests?: "ask" | "accept" | "deny"; starter?: "anyone" | "moderator"; video_codec?: string; attendance?: boolean; learning?: boolean } = {},
  ): Promise<{ moderator: string; guest: string }> {
    const wanted = { name, guests: "accept", ...settings };
    const made = (await this.post("/api/v1/rooms", wanted)) as {
      moderator_path: string;
      guest_path: string;
    };
    return { moderator: this.url + made.moderator_path, guest: this.url + made.guest_path };
  }

  private async post(path: string, body: object): Promise<unknown> {
    const headers = { "content-type": "application/json" };
    if (this.before.length === 0) {
      const response = await fetch(this.url + path, { method: "POST", headers, body: JSON.stringify(body) });
      const text = await response.text();
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
      return JSON.parse(text);
    }
    // From elsewhere the operator's key is needed, and nobody has signed the certificate.
    const key = readFileSync(join(this.folder, "data.keys", "operator.key"), "utf8").trim();
    const options = { method: "POST", rejectUnauthorized: false };
    return new Promise((done, failed) => {
      const asked = request(this.url + path, { ...options, headers: { ...headers, authorization: `Bearer ${key}` } });
      asked.once("error", failed);
      asked.once("response", (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => (text += part));
        response.once("end", () => {
          if (response.statusCode === 201 || response.statusCode === 200) done(JSON.parse(text));
          else failed(new Error(`${path}: ${response.statusCode} ${text}`));
        });
      });
      asked.end(JSON.stringify(body));
    });
  }
}
