// What is asked of a meeting about who comes in, and how.

import { ConfError } from "./error";
import type { ClientBody, GuestPolicy } from "./proto";
import type { Reply } from "./session";

export class LobbyRequests {
  readonly #ask: (body: ClientBody) => Promise<Reply>;

  constructor(ask: (body: ClientBody) => Promise<Reply>) {
    this.#ask = ask;
  }

  admit(target: string): Promise<unknown> {
    return this.#ask({ type: "admit", target });
  }
  admitAll(): Promise<unknown> {
    return this.#ask({ type: "admit_all" });
  }
  deny(target: string): Promise<unknown> {
    return this.#ask({ type: "deny", target });
  }
  setGuests(policy: GuestPolicy): Promise<unknown> {
    return this.#ask({ type: "set_guests", policy });
  }
  /** What those who wait are told; `null` for nothing. */
  setLobbyMessage(text: string | null): Promise<unknown> {
    return this.#ask({ type: "set_lobby_message", text });
  }
  setJoinMuted(on: boolean): Promise<unknown> {
    return this.#ask({ type: "set_join_muted", on });
  }
  /** Replaces the guest link; resolves with the new one, as a path with its key in the fragment. */
  async rotateLink(): Promise<string> {
    const reply = await this.#ask({ type: "rotate_link" });
    if (reply.kind !== "guest_link") throw new ConfError("not_connected");
    return reply.path;
  }
}
