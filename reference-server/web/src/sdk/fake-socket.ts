// Test support: a socket whose other end is the test.

import type { ClientMessage, ServerMessage } from "./proto";
import type { SocketLike } from "./session";

export class FakeSocket implements SocketLike {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly sent: ClientMessage[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientMessage);
  }
  close(): void {
    this.closed = true;
  }

  /** The server accepts the socket. */
  accept(): void {
    this.onopen?.({} as never);
  }
  /** The server says something. */
  say(message: ServerMessage | object): void {
    this.onmessage?.({ data: JSON.stringify(message) } as never);
  }
  /** The server, or the network, is gone. */
  die(): void {
    this.onclose?.({} as never);
  }
  last<T extends ClientMessage["type"]>(type: T): Extract<ClientMessage, { type: T }> {
    const found = this.sent.findLast((message) => message.type === type);
    if (found === undefined) throw new Error(`no ${type} was sent`);
    return found as Extract<ClientMessage, { type: T }>;
  }
  count(type: ClientMessage["type"]): number {
    return this.sent.filter((message) => message.type === type).length;
  }
}
