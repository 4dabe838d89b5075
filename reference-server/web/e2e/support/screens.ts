// What the gallery shows: a story of `src/dev/Stories.svelte` each, and what to wait for.

interface Screen {
  /** The story's name, and the pictures'. */
  readonly story: string;
  /** A selector of something that is there once the screen is. */
  readonly ready: string;
}

const TILE = "[data-testid=tile]";

export const SCREENS: readonly Screen[] = [
  { story: "start", ready: "[data-testid=room-name]" },
  { story: "made", ready: "[data-testid=guest-link]" },
  { story: "lobby", ready: "[data-testid=lobby]" },
  { story: "five", ready: TILE },
  { story: "speaker", ready: TILE },
  { story: "screen", ready: TILE },
  { story: "captions", ready: "[data-testid=caption-assign]" },
  { story: "chat", ready: "[data-testid=chat-line]" },
  { story: "poll", ready: "[data-testid=poll-choice]" },
  { story: "poll-ask", ready: "[data-testid=poll-form]" },
  { story: "poll-tally", ready: "[data-testid=poll-chart]" },
  { story: "poll-chart", ready: "[data-testid=stage-result]" },
  { story: "quiz", ready: "[data-testid=poll-verdict]" },
  { story: "poll-told", ready: "[data-testid=chat-result]" },
  { story: "vote", ready: "[data-testid=vote-choice]" },
  { story: "vote-result", ready: "[data-testid=vote-own]" },
  { story: "groups-plan", ready: "[data-testid=groups-form]" },
  { story: "groups", ready: "[data-testid=group-calls]" },
  { story: "groups-invited", ready: "[data-testid=invited]" },
  { story: "timer", ready: "[data-testid=timer]" },
  { story: "people", ready: "[data-testid=people-row]" },
  { story: "rights-people", ready: "[data-testid=people-row]" },
  { story: "minutes", ready: "[data-testid=minutes-text]" },
  { story: "minutes-read", ready: "[data-testid=minutes-read]" },
  { story: "outside", ready: "[data-testid=admit]" },
  { story: "attendance", ready: TILE },
  { story: "learning", ready: "[data-testid=learner]" },
  { story: "learning-own", ready: "[data-testid=own-talked]" },
  { story: "quality", ready: TILE },
  { story: "over-removed", ready: "[data-testid=over]" },
];
