// Lines of captions while they are written: heard from others, and told of one's own.

import { CAPTION_EVERY_MS, reduceDraftEvent, reduceDraftSignal, type CaptionDrafts } from "./captions";
import type { CaptionLine, ClientBody, RoomEvent, RoomSignal } from "./proto";
import { LiveTextSender } from "./writing";

export class Captioning {
  readonly #request: (body: ClientBody) => Promise<unknown>;
  readonly #changed: () => void;
  /** One for each language one writes in. */
  readonly #senders = new Map<string, LiveTextSender>();
  #drafts: CaptionDrafts = [];
  #text: readonly CaptionLine[] = [];

  constructor(request: (body: ClientBody) => Promise<unknown>, changed: () => void) {
    this.#request = request;
    this.#changed = changed;
  }

  get drafts(): CaptionDrafts {
    return this.#drafts;
  }

  hear(signal: RoomSignal): void {
    if (signal.type === "caption_text") this.#text = signal.lines;
    const drafts = reduceDraftSignal(this.#drafts, signal);
    if (drafts === this.#drafts) return;
    this.#drafts = drafts;
    this.#changed();
  }

  happened(event: RoomEvent): void {
    this.#drafts = reduceDraftEvent(this.#drafts, event);
  }

  /** What was being written when the link broke may be finished by now. */
  forget(): void {
    this.#drafts = [];
  }

  /** Shows everyone a line while one writes it; blank gives it up. */
  draft(language: string, text: string): void {
    this.#sender(language).changed(text);
  }

  /** Has someone write in a language; `null` for nobody. */
  setWriter(language: string, target: string | null): Promise<unknown> {
    return this.#request({ type: "set_caption_writer", language, target });
  }

  /** Corrects one's own last line, for a minute. */
  correct(line: string, text: string): Promise<unknown> {
    return this.#request({ type: "correct_caption", line, text });
  }

  write(language: string, text: string): Promise<unknown> {
    this.#sender(language).said();
    return this.#request({ type: "write_caption", language, text });
  }

  /** All that the server keeps of a language; it is told before the request is answered. */
  async save(language: string): Promise<readonly CaptionLine[]> {
    await this.#request({ type: "save_captions", language });
    return this.#text.filter((line) => line.language === language);
  }

  stop(): void {
    for (const sender of this.#senders.values()) sender.stop();
  }

  #sender(language: string): LiveTextSender {
    const send = (text: string | null): void => void this.#request({ type: "draft_caption", language, text }).catch(() => undefined);
    const sender = this.#senders.get(language) ?? new LiveTextSender(send, CAPTION_EVERY_MS);
    this.#senders.set(language, sender);
    return sender;
  }
}
