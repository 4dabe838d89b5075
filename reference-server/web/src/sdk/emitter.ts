// A typed emitter; `on` returns what takes the listener off again.

export class Emitter<Events extends object> {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>();

  on<K extends keyof Events>(name: K, listener: (value: Events[K]) => void): () => void {
    const set = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, set);
    set.add(listener);
    return () => set.delete(listener);
  }

  protected emit<K extends keyof Events>(name: K, value: Events[K]): void {
    // A copy: a listener may take itself off while it is called.
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      (listener as (value: Events[K]) => void)(value);
    }
  }

  /** Takes every listener off. */
  protected clear(): void {
    this.#listeners.clear();
  }
}
