// One's own ballots: taken over the session, cast without it, and looked for in the list.

import { ConfError } from "./error";
import type { ClientBody, SecretBallot, SecretVote, VoteList, Voters } from "./proto";
import { castBallot, voteList } from "./rest";

/** How far one's own ballot is. */
export type BallotState =
  /** It is being made. */
  | "taking"
  /** It waits for its moment, or for the server. */
  | "under_way"
  /** The server has it. */
  | "arrived"
  /** It is in the published list, as it was cast. */
  | "counted"
  /** The list is there, and this ballot is not in it, or the list is not what it should be. */
  | "missing";

export interface OwnBallot {
  readonly state: BallotState;
  readonly serial: string;
}

interface Kept {
  state: BallotState;
  ballot: SecretBallot;
}

export interface BoothHost {
  /** Has a blinded message signed. */
  sign(vote: string, blinded: string): Promise<string>;
  request(body: ClientBody): Promise<unknown>;
  room(): string;
  changed(): void;
}

/** A ballot waits so long at least and at most, so that its coming tells little of whose it is. */
const WAIT_MS = [1_000, 15_000] as const;
/** Once a vote is ending. */
const HURRY_MS = [500, 8_000] as const;
const AGAIN_MS = 2_000;
/** A list is asked for so often, each time later: everyone wants it at once, and a server may be coming back. */
const TRIES = 10;
/** Refusals of a ballot that the same ballot meets again. What is over is not waited for either: the list says what became of it. */
const FINAL: ReadonlySet<string> = new Set(["vote_over", "bad_ballot", "ballot_cast"]);
/** What a request meets while there is no session, or the server is just back. */
const AWAY: ReadonlySet<string> = new Set(["connection_lost", "not_connected", "busy", "unavailable"]);

export class Booth {
  readonly #host: BoothHost;
  readonly #kept = new Map<string, Kept>();
  readonly #lists = new Map<string, VoteList>();
  #stopped = false;
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(host: BoothHost) {
    this.#host = host;
  }

  /** Begins a secret vote; one at a time. */
  openVote(question: string, choices: readonly string[], most: number, voters: Voters): Promise<unknown> {
    return this.#host.request({ type: "open_vote", question, choices: [...choices], most, voters });
  }

  closeVote(vote: string): Promise<unknown> {
    return this.#host.request({ type: "close_vote", vote });
  }

  own(vote: string): OwnBallot | null {
    const kept = this.#kept.get(vote);
    return kept === undefined ? null : { state: kept.state, serial: kept.ballot.serial };
  }

  /** The published list of a vote that is over, once it is here. */
  list(vote: string): VoteList | null {
    return this.#lists.get(vote) ?? null;
  }

  /** Whether a ballot would be lost with the page. */
  get busy(): boolean {
    return [...this.#kept.values()].some((kept) => kept.state !== "counted" && kept.state !== "missing");
  }

  /** Takes a ballot and casts it at a moment of its own. */
  async vote(vote: SecretVote, choices: readonly number[]): Promise<void> {
    if (this.#kept.has(vote.id)) throw new ConfError("ballot_given");
    const { blind, finalize, readKey, toHex } = await import("./blind");
    const serial = toHex(crypto.getRandomValues(new Uint8Array(32)));
    const kept: Kept = { state: "taking", ballot: { serial, choices: [...choices].sort((a, b) => a - b), signature: "" } };
    this.#kept.set(vote.id, kept);
    this.#host.changed();
    try {
      const key = await readKey(vote.key);
      const message = signed(vote.id, serial);
      const blinded = await blind(key, message);
      kept.ballot.signature = await finalize(key, message, blinded, await this.#sign(vote.id, blinded.message));
    } catch (thrown) {
      this.#kept.delete(vote.id);
      this.#host.changed();
      throw ConfError.from(thrown, "network");
    }
    kept.state = "under_way";
    this.#host.changed();
    this.#later(vote.id, WAIT_MS);
  }

  /** The server may have forgotten what was not counted yet: it is sent once more. */
  repeat(): void {
    for (const [vote, kept] of this.#kept) if (kept.state === "arrived" || kept.state === "under_way") this.#later(vote, WAIT_MS);
  }

  /** Nobody is given a ballot any more: what waits here goes now. */
  hurry(vote: string): void {
    const kept = this.#kept.get(vote);
    if (kept?.state === "under_way" || kept?.state === "arrived") this.#later(vote, HURRY_MS);
  }

  /** Of votes that are over: fetches the lists, looks for one's own ballots in them, and counts again. */
  look(votes: readonly SecretVote[]): void {
    for (const vote of votes) if (vote.stage === "closed") void this.#look(vote, 0);
  }

  stop(): void {
    this.#stopped = true;
    for (const vote of [...this.#timers.keys()]) this.#stop(vote);
  }

  /** Asks until there is an answer: the same blinded message is signed again. */
  async #sign(vote: string, blinded: string): Promise<string> {
    for (;;) {
      try {
        return await this.#host.sign(vote, blinded);
      } catch (thrown) {
        if (this.#stopped || !AWAY.has(ConfError.from(thrown, "network").code)) throw thrown;
        await new Promise((done) => setTimeout(done, AGAIN_MS));
      }
    }
  }

  async #look(vote: SecretVote, tries: number): Promise<void> {
    this.#stop(vote.id);
    if (this.#lists.has(vote.id)) return;
    try {
      const list = await voteList(this.#host.room(), vote.id);
      const good = await checks(vote, list);
      this.#lists.set(vote.id, list);
      const kept = this.#kept.get(vote.id);
      if (kept !== undefined) {
        const found = list.ballots.some((ballot) => same(ballot, kept.ballot));
        kept.state = good && found ? "counted" : "missing";
      }
      this.#host.changed();
    } catch {
      if (this.#stopped || tries === TRIES) return;
      const wait = AGAIN_MS * (1 + tries) * (1 + Math.random());
      this.#timers.set(vote.id, setTimeout(() => void this.#look(vote, tries + 1), wait));
    }
  }

  #later(vote: string, [least, most]: readonly [number, number]): void {
    this.#stop(vote);
    this.#timers.set(vote, setTimeout(() => void this.#cast(vote), least + Math.random() * (most - least)));
  }

  async #cast(vote: string): Promise<void> {
    const kept = this.#kept.get(vote);
    if (kept === undefined) return;
    try {
      await castBallot(this.#host.room(), vote, kept.ballot);
      if (kept.state === "under_way") kept.state = "arrived";
      this.#host.changed();
    } catch (thrown) {
      if (!this.#stopped && !FINAL.has(ConfError.from(thrown, "network").code)) this.#later(vote, [AGAIN_MS, 2 * AGAIN_MS]);
    }
  }

  #stop(vote: string): void {
    clearTimeout(this.#timers.get(vote));
    this.#timers.delete(vote);
  }
}

/** What is signed of a ballot. */
export function signed(vote: string, serial: string): Uint8Array {
  return new TextEncoder().encode(`conf secret vote\n${vote}\n${serial}`);
}

/** Whether a list is what the vote was, every ballot in it is good, and it counts up to what was told. */
export async function checks(vote: SecretVote, list: VoteList): Promise<boolean> {
  if (list.key !== vote.key || list.vote !== vote.id || list.ballots.length > list.given || list.given > (list.entitled ?? list.given)) return false;
  const { readKey, verify } = await import("./blind");
  const key = await readKey(list.key);
  const counts = list.choices.map(() => 0);
  const serials = new Set<string>();
  for (const { serial, choices, signature } of list.ballots) {
    if (serials.has(serial) || !(await verify(key, signed(vote.id, serial), signature))) return false;
    serials.add(serial);
    for (const choice of choices) counts[choice] = (counts[choice] ?? 0) + 1;
  }
  return vote.counts !== undefined && counts.length === vote.counts.length && counts.every((count, at) => count === vote.counts?.[at]);
}

function same(a: SecretBallot, b: SecretBallot): boolean {
  return a.serial === b.serial && a.choices.length === b.choices.length && a.choices.every((choice, at) => choice === b.choices[at]);
}
