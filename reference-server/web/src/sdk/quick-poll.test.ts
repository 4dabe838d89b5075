import { expect, test } from "vitest";
import { quickPoll } from "./quick-poll";

const own = (question: string, ...texts: string[]) => ({ question, answers: { kind: "own", texts } });

test.each([
  ["Which tea?\nA) Black\nB) Green tea\nC) None", own("Which tea?", "Black", "Green tea", "None")],
  ["Which tea? A) Black B) Green", own("Which tea?", "Black", "Green")],
  ["1. Sea\n2. Mountains", own("", "Sea", "Mountains")],
  ["Wohin? (a) ans Meer, (b) in die Berge", own("Wohin?", "ans Meer", "in die Berge")],
  ["Where to?\n- Sea\n\n- Mountains", own("Where to?", "Sea", "Mountains")],
  ["Break now: Yes / No?", { question: "Break now:", answers: { kind: "yes_no" } }],
  ["Yes / No?", { question: "", answers: { kind: "yes_no" } }],
  ["Einverstanden? Ja/Nein/Enthaltung", { question: "Einverstanden?", answers: { kind: "yes_no_abstain" } }],
  ["What is right? A) B) C)", { question: "What is right?", answers: { kind: "letters", count: 3 } }],
  ["It was 5.50 before. Now?\n1: 6.00\n2: 7.00", own("It was 5.50 before. Now?", "6.00", "7.00")],
])("%j is a question with answers", (text, expected) => {
  expect(quickPoll(text)).toEqual(expected);
});

test.each(["", "  \n", "Good morning", "A) alone", "I say yes", "B) second C) third", "1. one\n2."])("%j asks nothing", (text) => {
  expect(quickPoll(text)).toBeNull();
});

test("eleven answers are too many, and what is too long is cut where a character ends", () => {
  const lines = Array.from({ length: 11 }, (_, at) => `- choice ${at}`);
  expect(quickPoll(lines.join("\n"))).toBeNull();
  expect(quickPoll(lines.slice(1).join("\n"))?.answers).toMatchObject({ kind: "own" });
  const long = quickPoll(`${"q".repeat(400)}\nA) ${"😀".repeat(120)}\nB) b`);
  expect(long?.question).toHaveLength(300);
  expect(long?.answers).toEqual({ kind: "own", texts: ["😀".repeat(100), "b"] });
});
