// What went wrong, as a stable code to localise; never a text for the screen.

import type { Problem } from "./proto";

/** Codes the client itself gives; every other code comes from the server. */
export type ClientCode =
  | "not_connected"
  | "connection_lost"
  | "network"
  | "aborted"
  | "device_denied"
  | "device_missing"
  | "device_busy"
  | "insecure_page"
  | "media_failed"
  | "stopped_meanwhile"
  | "microphone_gone"
  | "microphone_replaced"
  | "camera_gone"
  | "camera_other"
  | "blur_failed"
  | "blur_missing"
  | "blur_slow"
  | "blur_stays"
  | "microphone_other"
  | "noise_failed"
  | "speaker_gone";

/** A request that came to nothing, with the server's or the client's code. */
export class ConfError extends Error {
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;

  constructor(code: ClientCode | (string & {}), detail = "", params: Record<string, string> = {}) {
    super(detail === "" ? code : `${code}: ${detail}`);
    this.name = "ConfError";
    this.code = code;
    this.params = params;
  }

  static fromProblem(problem: Problem): ConfError {
    return new ConfError(problem.code, problem.detail ?? "", problem.params ?? {});
  }

  /** Any thrown value as a ConfError; what is unknown keeps its text in the detail. */
  static from(thrown: unknown, otherwise: ClientCode): ConfError {
    if (thrown instanceof ConfError) return thrown;
    if (thrown instanceof DOMException && thrown.name === "AbortError") {
      return new ConfError("aborted");
    }
    return new ConfError(otherwise, thrown instanceof Error ? thrown.message : String(thrown));
  }
}
