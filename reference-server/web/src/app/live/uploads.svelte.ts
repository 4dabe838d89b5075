// Files on their way out: how far each is, and how it is stopped.

export interface Sending {
  readonly id: number;
  readonly name: string;
  /** To whom alone; `null` is everyone. */
  readonly to: string | null;
  /** How much of it is out, from 0 to 1. */
  readonly part: number;
  readonly stop: () => void;
}

type Send = (watch: { progress: (part: number) => void; signal: AbortSignal }) => Promise<unknown>;

export class Uploads {
  items = $state.raw<readonly Sending[]>([]);
  #next = 1;

  /** Shows what is sent for as long as it is; settles as it does. */
  async run(name: string, to: string | null, send: Send): Promise<void> {
    const id = this.#next++;
    const stopper = new AbortController();
    this.items = [...this.items, { id, name, to, part: 0, stop: () => stopper.abort() }];
    const progress = (part: number): void => {
      this.items = this.items.map((item) => (item.id === id ? { ...item, part } : item));
    };
    try {
      await send({ progress, signal: stopper.signal });
    } finally {
      this.items = this.items.filter((item) => item.id !== id);
    }
  }
}
