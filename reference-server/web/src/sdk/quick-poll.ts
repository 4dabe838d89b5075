// A question and its answers, read from a text somebody wrote: "Tea? A) Black B) Green".

import type { PollAnswers } from "./proto";

export interface QuickPoll {
  /** Empty where the text has answers alone. */
  readonly question: string;
  readonly answers: PollAnswers;
}

const MOST_QUESTION = 300;
const MOST_CHOICE = 100;
const MOST_CHOICES = 10;
const MOST_LETTERS = 5;

/** What numbers an answer, where a line or a word begins: `A)`, `(b)`, `1.`, `2:`. */
const MARK = /(?:^|\s)\(?([A-Ja-j]|10|[1-9])(?:\)|[.:](?=\s|$))/gm;
const BULLET = /^[-*•–]\s+(.+)$/;
const YES_NO = /(?:^|[\s:(])(?:yes|ja)\s*(?:\/|\||,|\bor\b|\boder\b)\s*(?:no|nein)(\s*(?:\/|\||,|\bor\b|\boder\b)\s*(?:abstain|abstention|enthaltung))?[\s?.!)]*$/i;

/** The poll a text asks for; `null` where none can be read from it. */
export function quickPoll(text: string): QuickPoll | null {
  const clean = text.replaceAll("\r", "").trim();
  if (clean === "") return null;
  return numbered(clean) ?? listed(clean) ?? yesNo(clean);
}

/** Answers numbered in order from A or from 1, on lines of their own or within one. */
function numbered(text: string): QuickPoll | null {
  const marks = [...text.matchAll(MARK)];
  for (const [at, mark] of marks.entries()) {
    if (numberOf(mark) !== 0) continue;
    const run = [mark];
    for (const next of marks.slice(at + 1)) {
      if (numberOf(next) === run.length && isLetter(next) === isLetter(mark)) run.push(next);
    }
    if (run.length < 2 || run.length > MOST_CHOICES) continue;
    const texts = run.map((one, nth) => oneLine(text.slice(one.index + one[0].length, run[nth + 1]?.index)));
    const question = oneLine(text.slice(0, mark.index));
    if (texts.every((choice) => choice === "")) {
      return isLetter(mark) && run.length <= MOST_LETTERS ? poll(question, { kind: "letters", count: run.length }) : null;
    }
    return texts.includes("") ? null : poll(question, { kind: "own", texts: texts.map(choiceOf) });
  }
  return null;
}

/** Answers as a list without numbers. */
function listed(text: string): QuickPoll | null {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const first = lines.findIndex((line) => BULLET.test(line));
  const texts = first < 0 ? [] : lines.slice(first).map((line) => BULLET.exec(line)?.[1]?.trim() ?? "");
  if (texts.length < 2 || texts.length > MOST_CHOICES || texts.includes("")) return null;
  return poll(oneLine(lines.slice(0, first).join(" ")), { kind: "own", texts: texts.map(choiceOf) });
}

function yesNo(text: string): QuickPoll | null {
  const found = YES_NO.exec(text);
  if (found === null) return null;
  return poll(oneLine(text.slice(0, found.index)), { kind: found[1] === undefined ? "yes_no" : "yes_no_abstain" });
}

function numberOf(mark: RegExpExecArray): number {
  const sign = mark[1] ?? "";
  return isLetter(mark) ? sign.toUpperCase().charCodeAt(0) - 65 : Number(sign) - 1;
}

function isLetter(mark: RegExpExecArray): boolean {
  return /[a-z]/i.test(mark[1] ?? "");
}

function poll(question: string, answers: PollAnswers): QuickPoll {
  return { question: cut(question, MOST_QUESTION), answers };
}

function choiceOf(text: string): string {
  return cut(text, MOST_CHOICE);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().replace(/[\s,;]+$/, "");
}

/** At most so many characters, none of them halved. */
function cut(text: string, most: number): string {
  return [...text].slice(0, most).join("").trim();
}
