// Captions: who writes in which language, the last lines, and what is being written just now.

import type { CaptionLine, CaptionWriter, RoomEvent, RoomSignal } from "./proto";

export type CaptionWriters = readonly CaptionWriter[];
export type CaptionLines = readonly CaptionLine[];

/** As many as the server keeps; the oldest go first. */
export const MAX_CAPTIONS = 2_000;
/** How soon a change of a line that is being written is told. */
export const CAPTION_EVERY_MS = 300;

export function reduceCaptionWriters(writers: CaptionWriters, event: RoomEvent): CaptionWriters {
  switch (event.type) {
    case "caption_writer":
      return [...writers.filter((one) => one.language !== event.writer.language), event.writer].sort((a, b) => (a.language < b.language ? -1 : 1));
    case "caption_writer_ended":
      return writers.filter((one) => one.language !== event.writer.language);
    case "left":
      return writers.some((one) => one.participant === event.participant) ? writers.filter((one) => one.participant !== event.participant) : writers;
    default:
      return writers;
  }
}

export function reduceCaptions(lines: CaptionLines, event: RoomEvent): CaptionLines {
  switch (event.type) {
    case "caption":
      return [...lines.slice(-(MAX_CAPTIONS - 1)), event.line];
    case "caption_corrected":
      return lines.map((line) => (line.id === event.line ? { ...line, text: event.text } : line));
    default:
      return lines;
  }
}

/** A line that is being written. */
export interface CaptionDraft {
  readonly by: string;
  readonly language: string;
  readonly text: string;
}
export type CaptionDrafts = readonly CaptionDraft[];

export function reduceDraftSignal(drafts: CaptionDrafts, signal: RoomSignal): CaptionDrafts {
  if (signal.type !== "caption") return drafts;
  const { by, language, text } = signal;
  return [...drafts.filter((one) => one.language !== language), ...(text === null ? [] : [{ by, language, text }])];
}

/** What was being written is finished, or nobody goes on with it. */
export function reduceDraftEvent(drafts: CaptionDrafts, event: RoomEvent): CaptionDrafts {
  switch (event.type) {
    case "caption":
      return without(drafts, (one) => one.language === event.line.language);
    case "caption_writer":
    case "caption_writer_ended":
      return without(drafts, (one) => one.language === event.writer.language);
    case "left":
    case "link_lost":
      return without(drafts, (one) => one.by === event.participant);
    default:
      return drafts;
  }
}

/** The same list when nothing goes, so that nothing is drawn anew. */
function without(drafts: CaptionDrafts, gone: (one: CaptionDraft) => boolean): CaptionDrafts {
  return drafts.some(gone) ? drafts.filter((one) => !gone(one)) : drafts;
}
