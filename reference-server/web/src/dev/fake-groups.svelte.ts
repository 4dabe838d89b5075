// Groups without a server: as a story needs them, and nobody goes anywhere.

import { breakoutOf, type Breakouts } from "../sdk";
import type { GroupsModel } from "../app/live/groups.svelte";
import type { FakeRoom } from "./fake.svelte";

export class FakeGroups implements GroupsModel {
  readonly #model: FakeRoom;
  readonly within = null;
  readonly going = false;

  constructor(model: FakeRoom) {
    this.#model = model;
  }

  get state() {
    return this.#model.state;
  }
  get self() {
    return this.#model.self;
  }
  get breakouts() {
    return this.state.breakouts;
  }
  get own() {
    return breakoutOf(this.breakouts, this.self?.id);
  }

  async go(): Promise<void> {}
  back(): void {}
  async open(groups: readonly { readonly name: string; readonly members: readonly string[] }[], choice: boolean, minutes: number | null): Promise<boolean> {
    const breakouts = groups.map(({ name, members }) => ({ name, members: [...members], inside: [] }));
    this.#become({ open: true, choice, until: minutes === null ? null : Date.now() + minutes * 60_000, breakouts });
    return true;
  }
  async assign(): Promise<boolean> {
    return true;
  }
  extend(): void {}
  async tell(): Promise<boolean> {
    return true;
  }
  close(): void {
    const now = this.breakouts;
    if (now !== null) this.#become({ ...now, open: false });
  }
  callHelp(): void {}

  #become(breakouts: Breakouts): void {
    this.#model.state = { ...this.#model.state, breakouts };
  }
}
