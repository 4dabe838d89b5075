// The breakouts that are open, or, for moderators, were last: who belongs where and who is where.

import type { Breakout, Breakouts, RoomEvent } from "./proto";

export function reduceBreakouts(known: Breakouts | null, event: RoomEvent): Breakouts | null {
  if (event.type === "breakouts_opened") return event.breakouts;
  if (known === null) return known;
  switch (event.type) {
    case "breakout_assigned":
      return each(known, (one, number) => ({ ...one, members: placed(one.members, event.participant, number === event.breakout) }));
    case "breakout_entered":
      return nth(known, event.breakout, (one) => ({ ...one, inside: placed(one.inside, event.participant, true) }));
    case "breakout_left":
      return nth(known, event.breakout, (one) => ({ ...one, inside: placed(one.inside, event.participant, false) }));
    case "help_called":
      return nth(known, event.breakout, (one) => ({ ...one, called_by: event.participant }));
    case "help_ended":
      return nth(known, event.breakout, quiet);
    case "breakouts_extended":
      return { ...known, until: event.until };
    case "breakouts_closed":
      return { ...each(known, (one) => ({ ...quiet(one), inside: [] })), open: false };
    case "left":
      return each(known, (one) => ({
        ...(one.called_by === event.participant ? quiet(one) : one),
        members: placed(one.members, event.participant, false),
        inside: placed(one.inside, event.participant, false),
      }));
    default:
      return known;
  }
}

/** The number of the breakout someone belongs to, if they are open and there is one. */
export function breakoutOf(known: Breakouts | null, person: string | undefined): number | null {
  return numbered(known, (one) => person !== undefined && one.members.includes(person));
}

/** The number of the breakout someone is in now. */
export function breakoutWith(known: Breakouts | null, person: string | undefined): number | null {
  return numbered(known, (one) => person !== undefined && one.inside.includes(person));
}

function numbered(known: Breakouts | null, is: (one: Breakout) => boolean): number | null {
  const number = known?.open === true ? known.breakouts.findIndex(is) : -1;
  return number < 0 ? null : number;
}

function each(known: Breakouts, change: (one: Breakout, number: number) => Breakout): Breakouts {
  return { ...known, breakouts: known.breakouts.map(change) };
}

function nth(known: Breakouts, number: number, change: (one: Breakout) => Breakout): Breakouts {
  return each(known, (one, at) => (at === number ? change(one) : one));
}

function placed(people: readonly string[], person: string, there: boolean): string[] {
  const others = people.filter((id) => id !== person);
  return there ? [...others, person] : others;
}

function quiet({ name, members, inside }: Breakout): Breakout {
  return { name, members, inside };
}
