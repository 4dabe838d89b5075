// Files out and in: asked for over the session, carried over HTTP.

import { ConfError } from "./error";
import type { Session } from "./session";
import { fetchFile, filePath, sendFile, type Watch } from "./transfer";

type Ask = (body: Parameters<Session["ask"]>[0]) => ReturnType<Session["ask"]>;

export class FileDesk {
  readonly #room: () => string;
  readonly #ask: Ask;
  /** By what files are read, and until when by this clock. */
  #token: { readonly token: string; readonly until: number } | null = null;

  constructor(room: () => string, ask: Ask) {
    this.#room = room;
    this.#ask = ask;
  }

  /** A new session: what the one before was given opens nothing any more. */
  forget(): void {
    this.#token = null;
  }

  /** Sends a file to everyone, or to one alone; resolves when it has been handed on. */
  async send(file: File, to: string | null, watch: Watch = {}): Promise<void> {
    const reply = await this.#ask({ type: "offer_file", name: file.name, bytes: file.size, ...(to === null ? {} : { to }) });
    if (reply.kind !== "upload") throw new ConfError("not_connected");
    await sendFile(filePath(this.#room(), reply.file), reply.token, file, watch);
  }

  /** Fetches a file one may see. */
  async read(file: string): Promise<Blob> {
    const path = filePath(this.#room(), file);
    try {
      return await fetchFile(path, await this.#readToken());
    } catch (thrown) {
      if (!(thrown instanceof ConfError) || thrown.code !== "file_token_over") throw thrown;
      this.forget();
      return fetchFile(path, await this.#readToken());
    }
  }

  async remove(file: string): Promise<void> {
    await this.#ask({ type: "delete_file", file });
  }

  async #readToken(): Promise<string> {
    if (this.#token !== null && Date.now() < this.#token.until) return this.#token.token;
    const reply = await this.#ask({ type: "file_token" });
    if (reply.kind !== "file_token") throw new ConfError("not_connected");
    // Asked for anew well before it is over.
    this.#token = { token: reply.token, until: Date.now() + reply.seconds * 500 };
    return reply.token;
  }
}
