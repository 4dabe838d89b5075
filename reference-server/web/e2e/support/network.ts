// Networks between a browser and the server: namespaces of their own, joined by virtual cables.
//
// The whole run is in a namespace without a way out (`e2e/apart.sh`). In it, the server stands in
// a namespace called the hall, and every line is a cable from the hall to some browser's place:
// either the run's own namespace (where Firefox must be, since it is driven over loopback) or one
// made for this browser alone, whose network can then be closed, cut or renumbered.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

function run(program: string, ...args: string[]): void {
  try {
    execFileSync(program, args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr ?? String(error);
    throw new Error(`${program} ${args.join(" ")}: ${said.trim()}`);
  }
}

/** The words that put a command into namespace `name`; `null` is the run's own. */
function into(name: string | null): string[] {
  return name === null ? [] : ["nsenter", `--net=/run/netns/${name}`];
}

function runIn(name: string | null, ...words: string[]): void {
  const [program, ...args] = [...into(name), ...words];
  run(program ?? "", ...args);
}

let networks = 0;

export class Network {
  readonly #prefix = `conf-${process.pid}-${(networks += 1)}`;
  readonly #hall = `${this.#prefix}-hall`;
  readonly #folder = mkdtempSync(join(tmpdir(), "conf-net-"));
  readonly #lines: Line[] = [];

  /** Makes the hall; fails where the run is not in a namespace of its own. */
  static make(): Network {
    if (process.env["CONF_E2E_APART"] !== "1") {
      throw new Error("stories with networks run in a namespace of their own: use `npm run e2e`");
    }
    const network = new Network();
    run("ip", "netns", "add", network.#hall);
    runIn(network.#hall, "ip", "link", "set", "lo", "up");
    return network;
  }

  /** The command words that start a program in the hall. */
  get inHall(): string[] {
    return into(this.#hall);
  }

  /** Lays a cable to the run's own namespace. Lines are laid before the server starts. */
  here(): Line {
    return this.#lay(null);
  }

  /** Lays a cable to a new namespace. */
  apart(): Line {
    const name = `${this.#prefix}-${this.#lines.length}`;
    run("ip", "netns", "add", name);
    runIn(name, "ip", "link", "set", "lo", "up");
    return this.#lay(name);
  }

  #lay(place: string | null): Line {
    const line = new Line(this.#lines.length + 1, place, this.#hall, this.#folder);
    this.#lines.push(line);
    return line;
  }

  /** Takes everything down; what fails was gone already. */
  remove(): void {
    for (const line of this.#lines) line.remove();
    try {
      run("ip", "netns", "delete", this.#hall);
    } finally {
      rmSync(this.#folder, { recursive: true, force: true });
    }
  }
}

/** One cable: `.1` at the server's end, `.2` and later `.3` at the browser's. */
export class Line {
  readonly #near: string;
  readonly #far: string;
  #last = 2;
  #ipv4 = true;

  constructor(
    private readonly number: number,
    private readonly place: string | null,
    private readonly hall: string,
    private readonly folder: string,
  ) {
    // Names of interfaces hold 15 characters at most.
    this.#near = `cn${number}`;
    this.#far = `cf${number}`;
    runIn(hall, "ip", "link", "add", this.#far, "type", "veth", "peer", "name", this.#near);
    const to = place === null ? String(process.pid) : place;
    runIn(hall, "ip", "link", "set", this.#near, "netns", to);
    // Without duplicate detection: an address is usable at once, and no browser is told a second
    // later that its network has changed.
    for (const [name, device] of [[hall, this.#far], [place, this.#near]] as const) {
      runIn(name, "sh", "-c", `echo 0 > /proc/sys/net/ipv6/conf/${device}/accept_dad`);
    }
    this.#serverEnd();
    this.#address();
  }

  /** `link` as it is written at this end of the cable. */
  reach(link: string): string {
    const url = new URL(link);
    url.hostname = this.#ipv4 ? `10.77.${this.number}.1` : `[fd77:0:0:${this.number}::1]`;
    return url.toString();
  }

  /** A program that starts Chromium at this end; drives are over a pipe, which crosses namespaces. */
  chromium(program: string): string {
    if (this.place === null) return program;
    const script = join(this.folder, `chromium-${this.number}`);
    writeFileSync(script, `#!/bin/sh\nexec ${into(this.place).join(" ")} ${program} "$@"\n`, { mode: 0o755 });
    return script;
  }

  /** A firewall that lets no UDP out or in, and says nothing. */
  blockUdp(): void {
    this.#drop("meta l4proto udp");
  }

  /** No IPv4 any more; `reach` gives the other address from now on. */
  onlyIpv6(): void {
    this.#ipv4 = false;
    runIn(this.place, "ip", "-4", "addr", "flush", "dev", this.#near);
    runIn(this.hall, "ip", "-4", "addr", "flush", "dev", this.#far);
  }

  /** Nothing passes any more. `unplugged` shows at both ends, `silent` at neither. */
  cut(how: "unplugged" | "silent"): void {
    if (how === "unplugged") runIn(this.hall, "ip", "link", "set", this.#far, "down");
    else this.#drop();
  }

  /** Everything passes again. */
  mend(): void {
    this.#unblock();
    this.#serverEnd();
  }

  /** Another network: the old addresses go, the next ones are there at once. */
  changeAddress(): void {
    if (this.#ipv4) runIn(this.place, "ip", "addr", "delete", this.#v4(this.#last), "dev", this.#near);
    runIn(this.place, "ip", "addr", "delete", this.#v6(this.#last), "dev", this.#near);
    this.#last += 1;
    this.#address();
  }

  remove(): void {
    try {
      if (this.place === null) run("ip", "link", "delete", this.#near);
      else run("ip", "netns", "delete", this.place);
    } catch {
      // The other end went first and took this one along.
    }
  }

  #v4(host: number): string {
    return `10.77.${this.number}.${host}/24`;
  }

  #v6(host: number): string {
    return `fd77:0:0:${this.number}::${host}/64`;
  }

  #serverEnd(): void {
    runIn(this.hall, "ip", "link", "set", this.#far, "up");
    if (this.#ipv4) runIn(this.hall, "ip", "addr", "replace", this.#v4(1), "dev", this.#far);
    runIn(this.hall, "ip", "addr", "replace", this.#v6(1), "dev", this.#far, "nodad");
  }

  #address(): void {
    runIn(this.place, "ip", "link", "set", this.#near, "up");
    if (this.#ipv4) runIn(this.place, "ip", "addr", "replace", this.#v4(this.#last), "dev", this.#near);
    runIn(this.place, "ip", "addr", "replace", this.#v6(this.#last), "dev", this.#near, "nodad");
    this.#routes();
  }

  /** Browsers look for their own address by asking for the way to somewhere outside. */
  #routes(): void {
    const via = (family: string, gateway: string): void =>
      runIn(this.place, "ip", family, "route", "replace", "default", "via", gateway, "dev", this.#near);
    if (this.#ipv4) via("-4", `10.77.${this.number}.1`);
    via("-6", `fd77:0:0:${this.number}::1`);
  }

  #drop(which = ""): void {
    for (const [chain, device] of [["input", "iifname"], ["output", "oifname"]] as const) {
      runIn(this.place, "nft", `add table inet conf; add chain inet conf ${chain} { type filter hook ${chain} priority 0; }`);
      runIn(this.place, "nft", `add rule inet conf ${chain} ${device} ${this.#near} ${which} drop`);
    }
  }

  #unblock(): void {
    runIn(this.place, "nft", "add table inet conf; delete table inet conf");
  }
}
