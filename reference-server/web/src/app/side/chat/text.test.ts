import { describe, expect, test } from "vitest";
import type { ChatLine, MeetingState, Participant, Poll } from "../../../sdk";
import { emptyState } from "../../../sdk";
import { closedFor, EVERYONE, linesOf, namesOf, partners, reachable } from "./conversations";
import { linksIn } from "./links";
import { matching, mentions, MOST_MENTIONS, typedAt, withIds, withNames } from "./mentions";
import { partsOf } from "./parts";
import { Reading } from "./reading.svelte";
import { asText, fileName } from "./save";

const shown = (text: string): readonly string[] => linksIn(text).map((link) => link.shown);
const ANN = "par_000000000000000a";
const BEN = "par_000000000000000b";
const MIA = "par_000000000000000c";
const POLL: Poll = {
  id: "poll_1", by: ANN, at: 1, question: "Tea?", answers: { kind: "yes_no" }, several: false, anonymous: false, quiz: false, stage: "published", voted: 1, cast: false, votes: [], written: [], said: [], counts: [1, 0], uncounted: 0, in_front: true, told_at: 2,
};

describe("a link", () => {
  test("is http or https and nothing else", () => {
    expect(shown("see http://a.example/x?y=1#z and https://b.example")).toEqual(["http://a.example/x?y=1#z", "https://b.example"]);
    for (const text of ["javascript:alert(1)", "data:text/html,x", "ftp://a.example", "mailto:a@b.example", "//a.example", "file:///etc", "https://"]) {
      expect(shown(text), text).toEqual([]);
    }
  });

  test("ends where the sentence goes on", () => {
    expect(shown("(https://a.example/b_(c)), or https://a.example/d.")).toEqual(["https://a.example/b_(c)", "https://a.example/d"]);
    expect(shown("<https://a.example/e>, “https://a.example/f”!")).toEqual(["https://a.example/e", "https://a.example/f"]);
  });

  test("shows a host that looks like another as what it is", () => {
    // A Cyrillic а.
    const [link] = linksIn("https://b\u0430nk.example/login");
    expect(link?.shown).toBe("https://xn--bnk-6cd.example/login");
    expect(link?.href).toBe("https://xn--bnk-6cd.example/login");
    expect(shown("https://xn--bnk-6cd.example/")).toEqual(["https://xn--bnk-6cd.example/"]);
    expect(shown("https://a.example/straße")).toEqual(["https://a.example/straße"]);
  });

  test("does not pose as another's", () => {
    for (const text of ["https://bank.example@elsewhere.example/", "https://user:word@a.example", "https://\u2024.example\u0000"]) {
      expect(shown(text).some((link) => link.includes("bank") || link.includes("user")), text).toBe(false);
    }
    // A backslash is a slash to browsers.
    expect(shown("https://elsewhere.example\\@bank.example")).toEqual(["https://elsewhere.example"]);
    // Nothing turns the reading direction within it.
    expect(shown("https://a.example/\u202egnp.exe")).toEqual(["https://a.example/"]);
  });
});

describe("a mention", () => {
  const people = [
    { id: ANN, name: "Ann" },
    { id: BEN, name: "Ann Lee" },
    { id: MIA, name: "Mía (guest)" },
  ];
  const nameOf = (id: string): string => people.find((person) => person.id === id)?.name ?? "?";

  test("is kept by id and written by name", () => {
    const text = "@Ann Lee, ask @Ann or @Mía (guest)! mail@Ann @Anna @Nobody";
    const kept = withIds(text, people);
    expect(kept).toBe(`@${BEN}, ask @${ANN} or @${MIA}! mail@Ann @Anna @Nobody`);
    expect(withNames(kept, nameOf)).toBe(text);
    expect(mentions(kept, MIA)).toBe(true);
    expect(mentions(`@${MIA}0`, MIA)).toBe(false);
  });

  test("of people with one name means the chosen one", () => {
    const twins = [
      { id: ANN, name: "Kim" },
      { id: BEN, name: "Kim" },
    ];
    expect(withIds("@Kim", twins)).toBe(`@${ANN}`);
    expect(withIds("@Kim", twins, [{ id: BEN, name: "Kim" }])).toBe(`@${BEN}`);
  });

  test("is one of so many in a message", () => {
    const kept = withIds("@Ann ".repeat(MOST_MENTIONS + 3), people);
    expect(kept.split(ANN)).toHaveLength(MOST_MENTIONS + 1);
  });

  test("is completed from what is typed", () => {
    expect(typedAt("hi @an", 6)).toEqual({ start: 3, query: "an" });
    expect(typedAt("hi @", 4)).toEqual({ start: 3, query: "" });
    expect(typedAt("@Ann Le", 7)).toEqual({ start: 0, query: "Ann Le" });
    expect(typedAt("a@b", 3)).toBeNull();
    expect(typedAt("@Ann said so", 12)).toBeNull();
    expect(matching(people, "le").map((person) => person.id)).toEqual([BEN]);
    expect(matching(people, "MIA").map((person) => person.id)).toEqual([MIA]);
  });
});

test("a message is cut into text, links and names", () => {
  expect(partsOf(`<b> @${ANN}: https://a.example/@${BEN} ok`)).toEqual([
    { kind: "text", text: "<b> " },
    { kind: "mention", id: ANN },
    { kind: "text", text: ": " },
    { kind: "link", href: `https://a.example/@${BEN}`, shown: `https://a.example/@${BEN}` },
    { kind: "text", text: " ok" },
  ]);
});

const person = (id: string, name: string, change: Partial<Participant> = {}): Participant => ({
  id, name, role: "participant", standing: "member", connected: true, sources: [], muted: false, interpreter: false, away: false, exceptions: [], ...change,
});
const line = (n: number, from: string, change: Partial<ChatLine> = {}): ChatLine => ({
  id: `msg_${n}`, from, name: from === ANN ? "Ann" : "Ben", text: `${n}`, at: n, ...change,
});
const state = (change: Partial<MeetingState>): MeetingState => ({ ...emptyState(), ...change });

describe("conversations", () => {
  test("are told apart by who the other is", () => {
    const privateChat = [line(1, ANN, { to: BEN }), line(2, MIA, { to: ANN }), line(3, BEN, { to: ANN })];
    expect(partners(privateChat, ANN)).toEqual([BEN, MIA]);
    const all = state({ chat: [line(4, BEN)], privateChat });
    expect(linesOf(all, BEN, ANN).map((one) => one.id)).toEqual(["msg_1", "msg_3"]);
    expect(linesOf(all, EVERYONE, ANN).map((one) => one.id)).toEqual(["msg_4"]);
  });

  test("are open to whom the lock lets write", () => {
    const [ann, ben, mia] = [person(ANN, "Ann", { role: "moderator" }), person(BEN, "Ben"), person(MIA, "Mia")];
    const recorder = person("par_1", "Recorder", { role: "service" });
    const locked = state({ roster: [ann, ben, mia, recorder], locks: ["private_chat"] });
    expect(reachable(locked, ben).map((one) => one.id)).toEqual([ANN]);
    expect(reachable(locked, ann).map((one) => one.id)).toEqual([BEN, MIA]);
    expect(reachable({ ...locked, locks: [] }, ben).map((one) => one.id)).toEqual([ANN, MIA]);
    expect(closedFor(locked, ben, MIA)).toBe("private_lock");
    expect(closedFor(locked, ben, ANN)).toBeNull();
    expect(closedFor(locked, ben, "par_gone")).toBe("gone");
    expect(closedFor({ ...locked, locks: ["chat"] }, ben, EVERYONE)).toBe("lock");
  });

  test("know the names of those who have left", () => {
    const names = namesOf(state({ privateChat: [line(1, ANN, { to: BEN, to_name: "Ben" })], roster: [person(ANN, "Ann now")] }));
    expect([names.get(ANN), names.get(BEN)]).toEqual(["Ann now", "Ben"]);
  });

  test("count what one has not read, each for itself", () => {
    const reading = new Reading(state({ chat: [line(1, BEN)] }));
    const now = state({ chat: [line(1, BEN), line(2, BEN), line(3, ANN)], privateChat: [line(4, BEN, { to: ANN }), line(5, BEN, { to: ANN, deleted_by: BEN })] });
    expect([...reading.unread(now, ANN)]).toEqual([[EVERYONE, 1], [BEN, 1]]);
    reading.read(BEN, now.privateChat);
    expect([...reading.unread(now, ANN)]).toEqual([[EVERYONE, 1]]);
    reading.read(EVERYONE, now.chat);
    expect([...reading.unread({ ...now, chat: [] }, ANN)]).toEqual([]);
  });

  test("count the result of a poll that others published, once, as a line to everyone", () => {
    const told = (at: number): MeetingState => state({ polls: [{ ...POLL, told_at: at, told_by: BEN }] });
    const reading = new Reading(told(2));
    expect([...reading.unread(told(2), ANN)]).toEqual([]);
    expect([...reading.unread(told(3), ANN)]).toEqual([[EVERYONE, 1]]);
    expect([...reading.unread(told(3), BEN)]).toEqual([]);
    reading.read(EVERYONE, [{ at: 3 }]);
    expect([...reading.unread(told(3), ANN)]).toEqual([]);
  });
});

test("what is saved is what one sees", () => {
  const lines = [
    line(1, ANN, { text: `@${BEN} hello`, edited_at: 9 }),
    line(2, BEN, { answers: "msg_1" }),
    line(3, BEN, { text: null, deleted_by: ANN }),
  ];
  const names: Record<string, string> = { [ANN]: "Ann", [BEN]: "Ben" };
  const text = asText("Physics", lines, [{ poll: POLL, at: 2 }], {
    nameOf: (id) => names[id] ?? "?", clock: (at) => `00:0${at}`, deleted: "deleted", erased: "erased", edited: "edited", answers: (name) => `to ${name}`, result: ({ question }) => `Result: ${question}`,
  });
  expect(text).toBe("Physics\n\n[00:01] Ann: @Ben hello (edited)\n[00:02] Ben (to Ann): 2\n[00:02] Result: Tea?\n[00:03] Ben: (deleted)\n");
  expect(fileName("Ä/B: c?", new Date(0))).toBe("Ä-B-c-1970-01-01.txt");
  expect(fileName("…", new Date(0))).toBe("chat-1970-01-01.txt");
});
