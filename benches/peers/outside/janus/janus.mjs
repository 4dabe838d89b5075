// A Janus process of our own, and requests to it.

import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { connect } from "./socket.mjs";

const STARTS_WITHIN_MS = 10_000;
const ANSWERS_WITHIN_MS = 10_000;
const ENDS_WITHIN_MS = 5_000;
/** Requests that wait for their answers; more are refused. */
const MOST_WAITING = 4096;

/** What Janus refused, with its code. */
export class Refused extends Error {
  constructor(code, reason) {
    super(reason);
    this.code = code;
  }
}

/** A Janus: `start` makes the process, `end` ends it. */
export class Janus {
  #options;
  #onGone;
  #folder;
  #child;
  #send;
  #session;
  #ending = false;
  #number = 0;
  /** Transaction → who waits for its answer. */
  #waiting = new Map();
  /** Handle → who is told of what happens to it. */
  #listeners = new Map();

  /**
   * @param {{program: string, libraries: string | undefined, media: string, log: number}} options
   * @param {(why: string) => void} onGone called when the process ends without having been asked to
   */
  constructor(options, onGone) {
    this.#options = options;
    this.#onGone = onGone;
  }

  get pid() {
    return this.#child.pid;
  }

  /** Starts the process and waits until it answers. */
  async start() {
    const { program, libraries, media, log } = this.#options;
    this.#folder = mkdtempSync(join(tmpdir(), "peer-janus-"));
    const socket = join(this.#folder, "api");
    configure(this.#folder, { socket, libraries: libraries ?? findLibraries(), media, log });
    // Its own output goes where errors go: standard output has one line only, which is ours.
    this.#child = spawn(program, ["-F", this.#folder, "-o"], { stdio: ["ignore", 2, 2] });
    let failed;
    const gone = (why) => {
      failed ??= why;
      // A signal to all of us may reach it first: then this end was asked for, as we are about to hear.
      const tell = () => this.#session && !this.#ending && this.#onGone(why);
      setTimeout(tell, 200);
    };
    this.#child.once("error", (error) => gone(error.message));
    this.#child.once("exit", (code, signal) => gone(`janus ended (${signal ?? code})`));

    const deadline = Date.now() + STARTS_WITHIN_MS;
    while (!this.#send) {
      if (failed) throw new Error(failed);
      try {
        const onText = (text) => this.#heard(text);
        this.#send = await connect(socket, "janus-protocol", onText, (why) => gone(`janus: ${why}`));
      } catch (error) {
        if (Date.now() > deadline) throw new Error(`janus does not answer: ${error.message}`);
        await sleep(50);
      }
    }
    // All handles live in one session; it has no timeout, and ends with the connection.
    this.#session = (await this.#ask({ janus: "create" })).data.id;
  }

  /** Makes a handle of the VideoRoom; `listener` is told of what happens to it unasked. */
  async attach(listener) {
    const reply = await this.#ask({ janus: "attach", session_id: this.#session, plugin: "janus.plugin.videoroom" });
    this.#listeners.set(reply.data.id, listener);
    return reply.data.id;
  }

  async detach(handle) {
    this.#listeners.delete(handle);
    await this.#ask({ janus: "detach", session_id: this.#session, handle_id: handle });
  }

  /** Asks the VideoRoom; gives its answer and the description that came with it. */
  async message(handle, body, jsep) {
    const asked = { janus: "message", session_id: this.#session, handle_id: handle, body };
    const reply = await this.#ask(jsep ? { ...asked, jsep } : asked);
    const data = reply.plugindata?.data ?? {};
    if (data.error_code) throw new Refused(data.error_code, String(data.error));
    return { data, sdp: reply.jsep?.sdp };
  }

  /** Ends it by its own id, and removes its folder. */
  async end() {
    this.#ending = true;
    const child = this.#child;
    if (child?.pid && child.exitCode === null && child.signalCode === null) {
      const over = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await Promise.race([over, sleep(ENDS_WITHIN_MS)]);
    }
    this.endNow();
  }

  /** The same without waiting, for when there is no time left. */
  endNow() {
    this.#ending = true;
    const child = this.#child;
    if (child?.pid && child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  #ask(asked) {
    if (this.#waiting.size >= MOST_WAITING) return Promise.reject(new Error("janus has too much to answer"));
    const transaction = String((this.#number += 1));
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#waiting.delete(transaction);
        reject(new Error(`janus did not answer \`${asked.janus}\``));
      }, ANSWERS_WITHIN_MS);
      this.#waiting.set(transaction, { resolve, reject, late });
      this.#send(JSON.stringify({ ...asked, transaction }));
    });
  }

  #heard(text) {
    const said = JSON.parse(text);
    // "I have it" is no answer yet.
    if (said.janus === "ack") return;
    const waiting = this.#waiting.get(said.transaction);
    if (!waiting) {
      this.#listeners.get(said.sender)?.(said);
      return;
    }
    this.#waiting.delete(said.transaction);
    clearTimeout(waiting.late);
    if (said.janus === "error") {
      waiting.reject(new Refused(said.error?.code ?? 0, String(said.error?.reason)));
    } else {
      waiting.resolve(said);
    }
  }
}

/** Where a package or `make install` puts the plugins. */
function findLibraries() {
  const multiarch = readdirSync("/usr/lib").map((name) => `/usr/lib/${name}/janus`);
  const folders = [...multiarch, "/usr/lib/janus", "/usr/local/lib/janus", "/opt/janus/lib/janus"];
  const found = folders.find((folder) => existsSync(join(folder, "plugins", "libjanus_videoroom.so")));
  if (!found) throw new Error("no libjanus_videoroom.so found: is janus installed? name its folder with --libraries");
  return found;
}

/**
 * Writes the configuration. The folders hold links to the one plugin and the one transport that are
 * used, so that nothing else is loaded or listens, whatever else is installed.
 */
function configure(folder, { socket, libraries, media, log }) {
  for (const [kind, file] of [
    ["plugins", "libjanus_videoroom.so"],
    ["transports", "libjanus_websockets.so"],
    ["events", undefined],
    ["loggers", undefined],
  ]) {
    mkdirSync(join(folder, kind));
    if (file) symlinkSync(join(libraries, kind, file), join(folder, kind, file));
  }
  const text = (value) => JSON.stringify(value);
  writeFileSync(
    join(folder, "janus.jcfg"),
    `general: {
  configs_folder = ${text(folder)}
  plugins_folder = ${text(join(folder, "plugins"))}
  transports_folder = ${text(join(folder, "transports"))}
  events_folder = ${text(join(folder, "events"))}
  loggers_folder = ${text(join(folder, "loggers"))}
  interface = ${text(media)}
  admin_secret = ${text(randomUUID())}
  debug_level = ${log}
  debug_colors = false
  session_timeout = 0
  # One thread for all media, as the servers it is compared with.
  event_loops = 1
}
media: {
  # No events about media that pauses: nobody listens to them.
  no_media_timer = 0
}
nat: {
  nice_debug = false
  ice_lite = true
  full_trickle = false
  ignore_mdns = true
  ice_enforce_list = ${text(media)}
}
`,
  );
  writeFileSync(
    join(folder, "janus.transport.websockets.jcfg"),
    `general: {
  json = "compact"
  ws = true
  ws_unix = ${text(socket)}
  wss = false
}
admin: {
  admin_ws = false
  admin_wss = false
}
`,
  );
  writeFileSync(join(folder, "janus.plugin.videoroom.jcfg"), "general: {\n  string_ids = true\n}\n");
}
