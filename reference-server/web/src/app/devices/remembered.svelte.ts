// Which camera, microphone and loudspeaker were chosen last: their ids, in this browser only.

import type { DeviceKind } from "../../sdk";

const STORE = "conf.devices";
const KINDS = ["microphone", "camera", "speaker"] as const;
/** Browsers' ids have 64 characters; what is longer was not written by this page. */
const LONGEST_ID = 256;

type Ids = Record<DeviceKind, string>;

export class RememberedDevices {
  /** Whether the browser keeps the choice beyond this page. */
  keeps = $state(true);
  /** Empty where nothing was chosen: the browser then takes the one it prefers. */
  ids = $state<Ids>({ microphone: "", camera: "", speaker: "" });

  constructor() {
    const kept = read();
    if (kept["keeps"] === false) this.keeps = false;
    for (const kind of KINDS) {
      const id = kept[kind];
      if (this.keeps && typeof id === "string" && id.length <= LONGEST_ID) this.ids[kind] = id;
    }
  }

  get any(): boolean {
    return KINDS.some((kind) => this.ids[kind] !== "");
  }

  choose(kind: DeviceKind, id: string): void {
    this.ids[kind] = id;
    this.#write();
  }

  /** Forgets every choice; what is in use stays in use. */
  forget(): void {
    this.ids = { microphone: "", camera: "", speaker: "" };
    this.#write();
  }

  setKeeps(on: boolean): void {
    this.keeps = on;
    this.#write();
  }

  #write(): void {
    try {
      // That nothing is to be kept is all that is kept then.
      if (!this.keeps) localStorage.setItem(STORE, JSON.stringify({ keeps: false }));
      else if (this.any) localStorage.setItem(STORE, JSON.stringify(this.ids));
      else localStorage.removeItem(STORE);
    } catch {
      // Embedded pages may have no storage: the choice then lasts as long as the page.
    }
  }
}

function read(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export const remembered = new RememberedDevices();
