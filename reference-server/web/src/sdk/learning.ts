// What each person did so far, read part by part as the server gives it.

import { ConfError } from "./error";
import type { Figures, RoomSignal } from "./proto";

export interface Learning {
  /** In the order they first came. */
  readonly people: readonly Figures[];
  /** How many times somebody came when no more were counted. */
  readonly leftOut: number;
}

export type LearningPage = Extract<RoomSignal, { type: "learning" }>;

/** Asks from the first person on until there are no more. */
export async function readLearning(ask: (from: number) => Promise<LearningPage | null>): Promise<Learning> {
  const people: Figures[] = [];
  for (;;) {
    const page = await ask(people.length);
    if (page === null) throw new ConfError("not_connected");
    people.push(...page.people);
    if (page.people.length === 0 || people.length >= page.total) return { people, leftOut: page.left_out };
  }
}
