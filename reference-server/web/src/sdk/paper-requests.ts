// What is asked of a meeting about what is written down of it, by whoever may read it.

import { readAttendance, type Attendance } from "./attendance";
import { ConfError } from "./error";
import { readLearning, type Learning } from "./learning";
import type { ClientBody, Figures, RoomSignal } from "./proto";

export class PaperRequests {
  readonly #request: (body: ClientBody) => Promise<unknown>;
  /** Listens to signals until what it gives back is called. */
  readonly #listen: (heard: (signal: RoomSignal) => void) => () => void;

  constructor(request: (body: ClientBody) => Promise<unknown>, listen: (heard: (signal: RoomSignal) => void) => () => void) {
    this.#request = request;
    this.#listen = listen;
  }

  /** Who was there from when to when, where the room keeps it. Moderators. */
  readAttendance(): Promise<Attendance> {
    return readAttendance((from) => this.#shown("attendance", { type: "show_attendance", from }));
  }

  /** What each person did so far, where the room has it counted. Moderators. */
  readLearning(): Promise<Learning> {
    return readLearning((from) => this.#shown("learning", { type: "show_learning", from }));
  }

  /** What moderators see there of oneself. */
  async readOwnFigures(): Promise<Figures> {
    const shown = await this.#shown("own_learning", { type: "show_own_learning" });
    if (shown === null) throw new ConfError("not_connected");
    return shown.figures;
  }

  /** What is told in answer to a request, before it is done. */
  async #shown<K extends RoomSignal["type"]>(type: K, body: ClientBody): Promise<Extract<RoomSignal, { type: K }> | null> {
    let shown: Extract<RoomSignal, { type: K }> | null = null;
    const off = this.#listen((signal) => {
      if (signal.type === type) shown = signal as Extract<RoomSignal, { type: K }>;
    });
    try {
      await this.#request(body);
    } finally {
      off();
    }
    return shown;
  }
}
