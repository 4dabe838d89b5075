// The few HTTP calls before a session.

import { ConfError } from "./error";
import type { About, BallotReceipt, Look, NewRoom, Problem, RoomMade, SecretBallot, TokenMade, VoteList } from "./proto";

export function about(signal?: AbortSignal): Promise<About> {
  return call("GET", "/api/v1/about", undefined, signal);
}

/** Makes a room; `key` is the operator's, where one is needed. */
export function makeRoom(room: NewRoom, key: string | null, signal?: AbortSignal): Promise<RoomMade> {
  return call("POST", "/api/v1/rooms", room, signal, key);
}

/** What a link leads to. */
export function look(room: string, key: string, signal?: AbortSignal): Promise<Look> {
  return call("POST", `/api/v1/rooms/${encodeURIComponent(room)}/look`, { key }, signal);
}

/** Exchanges a link's key for a join token. */
export function joinToken(room: string, key: string, name: string, signal?: AbortSignal): Promise<TokenMade> {
  return call("POST", `/api/v1/rooms/${encodeURIComponent(room)}/tokens`, { key, name }, signal);
}

/** Casts a ballot: nothing goes with it that says whose it is. */
export function castBallot(room: string, vote: string, ballot: SecretBallot): Promise<BallotReceipt> {
  return call("POST", `/api/v1/rooms/${encodeURIComponent(room)}/votes/${encodeURIComponent(vote)}/ballots`, ballot, undefined);
}

/** The list of a vote that is over. */
export function voteList(room: string, vote: string): Promise<VoteList> {
  return call("GET", `/api/v1/rooms/${encodeURIComponent(room)}/votes/${encodeURIComponent(vote)}`, undefined, undefined);
}

/** Where sessions are opened, seen from the page at `base`. */
export function sessionUrl(base: string): string {
  const url = new URL("/api/v1/signal", base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.hash = "";
  return url.href;
}

async function call<T>(
  method: "GET" | "POST",
  path: string,
  body: object | undefined,
  signal: AbortSignal | undefined,
  bearer: string | null = null,
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
    });
  } catch (thrown) {
    throw ConfError.from(thrown, "network");
  }
  const text = await response.text();
  if (!response.ok) throw problemOf(response.status, text);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new ConfError("network", `${path} answered with something that is not JSON`);
  }
}

/** A proxy in between may answer with a page of its own; then only the status is left. */
export function problemOf(status: number, text: string): ConfError {
  try {
    const problem = JSON.parse(text) as Partial<Problem>;
    if (typeof problem.code === "string") {
      return new ConfError(problem.code, problem.detail ?? "", problem.params ?? {});
    }
  } catch {
    // Not ours.
  }
  return new ConfError(status >= 500 ? "unavailable" : "network", `status ${status}`);
}
