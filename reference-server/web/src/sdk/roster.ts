// Who is here, and what they publish.

import type { Participant, RoomEvent, Source } from "./proto";

/** In the order they joined. */
export type Roster = readonly Participant[];

export function reduceRoster(roster: Roster, event: RoomEvent): Roster {
  switch (event.type) {
    case "joined":
      return [...roster.filter((p) => p.id !== event.participant.id), event.participant];
    case "shown":
      return [...roster.filter((p) => !event.vanished.includes(p.id) && !event.appeared.some((one) => one.id === p.id)), ...event.appeared];
    case "left":
      return roster.filter((p) => p.id !== event.participant);
    case "link_lost":
      return change(roster, event.participant, (p) => ({ ...p, connected: false }));
    case "rejoined":
      return change(roster, event.participant, (p) => ({ ...p, connected: true }));
    case "published":
      return change(roster, event.participant, (p) => ({
        ...p,
        sources: p.sources.includes(event.source) ? p.sources : [...p.sources, event.source],
        muted: event.source === "microphone" ? false : p.muted,
      }));
    case "stopped":
      return change(roster, event.participant, (p) => ({
        ...p,
        sources: p.sources.filter((source) => source !== event.source),
        muted: event.source === "microphone" ? false : p.muted,
      }));
    case "role":
      return change(roster, event.participant, (p) => ({ ...p, role: event.role }));
    case "renamed":
      return change(roster, event.participant, (p) => ({ ...p, name: event.name }));
    case "away":
      return change(roster, event.participant, (p) => ({ ...p, away: event.on }));
    case "interpreter":
      return change(roster, event.participant, (p) => ({ ...p, interpreter: event.on }));
    case "exception":
      return change(roster, event.participant, (p) => ({
        ...p,
        exceptions: [...p.exceptions.filter((lock) => lock !== event.lock), ...(event.on ? [event.lock] : [])],
      }));
    case "exceptions_inherited":
      return change(roster, event.participant, (p) => ({ ...p, exceptions: event.exceptions }));
    case "lock":
      // What is not locked for anybody is lifted for nobody.
      if (event.on || !roster.some((p) => p.exceptions.includes(event.lock))) return roster;
      return roster.map((p) => ({ ...p, exceptions: p.exceptions.filter((lock) => lock !== event.lock) }));
    case "locks_inherited":
      return roster.map((p) => ({ ...p, exceptions: p.exceptions.filter((lock) => event.locks.includes(lock)) }));
    case "muted":
      return change(roster, event.participant, (p) => ({ ...p, muted: true }));
    case "unmuted":
      return change(roster, event.participant, (p) => ({ ...p, muted: false }));
    default:
      return roster;
  }
}

export function find(roster: Roster, id: string | null): Participant | undefined {
  return id === null ? undefined : roster.find((p) => p.id === id);
}

/** Whether `participant` is being heard: publishing a microphone that is open. */
export function speaksFreely(participant: Participant): boolean {
  return participant.sources.includes("microphone") && !participant.muted;
}

export function publishes(participant: Participant | undefined, source: Source): boolean {
  return participant?.sources.includes(source) ?? false;
}

function change(roster: Roster, id: string, to: (p: Participant) => Participant): Roster {
  return roster.some((p) => p.id === id) ? roster.map((p) => (p.id === id ? to(p) : p)) : roster;
}
