// What others do, put in words: as a notice for whom it concerns, or read out.

import { find, type ChatLine, type Lock, type MeetingState, type RoomEvent } from "../../sdk";
import { captionLanguages, languageName } from "../captions/languages";
import { t } from "../i18n/index.svelte";
import { prefs } from "../prefs.svelte";
import { mentions } from "../side/chat/mentions";
import { notices } from "./notices.svelte";
import { personName } from "./person";

/** Says what others did to one, and reads out what others see. */
export function tellOfEvent(event: RoomEvent, before: MeetingState, after: MeetingState, self: string | undefined): void {
  const name = (id: string) => personName(find(after.roster, id) ?? find(before.roster, id));
  switch (event.type) {
    case "joined":
      if (event.participant.id !== self) {
        notices.tell({ kind: "joined", name: personName(event.participant) });
      }
      return;
    case "left":
      notices.tell({ kind: "left", name: name(event.participant) });
      return;
    case "hand_raised":
      if (event.participant !== self) notices.tell({ kind: "hand", name: name(event.participant) });
      return;
    case "chat":
      tellOfLine(event.line, self);
      return;
    case "chat_edited": {
      // Whoever is named only now learns of it now.
      const was = before.chat.find((line) => line.id === event.message);
      if (self !== undefined && was !== undefined && was.from !== self && mentions(event.text, self) && !mentions(was.text, self)) {
        notices.tell({ kind: "mention", name: personName(was) });
      }
      return;
    }
    case "chat_cleared":
      if (event.by !== self) notices.show(t("notice.cleared", { name: name(event.by) }));
      return;
    case "file_shared":
      if (event.file.from !== self) notices.tell({ kind: "file", name: personName(event.file) });
      return;
    case "file_deleted": {
      const gone = before.files.find((file) => file.id === event.file);
      if (gone?.from === self && event.by !== self) notices.show(t("notice.file_deleted", { name: name(event.by), file: gone?.file_name ?? "" }));
      return;
    }
    case "poll_started":
      if (event.poll.by !== self) notices.tell({ kind: "poll", name: name(event.poll.by) });
      return;
    case "vote_opened":
      if (event.vote.by !== self) notices.tell({ kind: "poll", name: name(event.vote.by) });
      return;
    case "vote_closed":
      notices.show(t("notice.vote"));
      return;
    case "poll_published":
      if (event.by !== self) notices.show(t("notice.poll"));
      return;
    case "breakouts_opened":
      notices.show(t("notice.groups"));
      return;
    case "breakout_assigned":
      if (event.participant === self && event.by !== self && event.breakout !== null) {
        const group = after.breakouts?.breakouts[event.breakout]?.name ?? t("groups.name", { count: event.breakout + 1 });
        notices.show(t("notice.group", { name: group }));
      }
      return;
    case "help_called":
      if (event.participant !== self) notices.show(t("notice.help", { name: name(event.participant) }));
      return;
    case "help_ended":
      if (event.participant === self) notices.show(t("notice.help_came", { name: name(event.by) }));
      return;
    case "breakouts_extended":
      if (event.by !== self) notices.show(t("notice.groups_extended"));
      return;
    case "breakouts_told":
      if (event.text !== null) notices.show(t("notice.groups_told", { name: personName(event), text: event.text }));
      return;
    case "breakouts_closed":
      notices.show(t("notice.groups_closed"));
      return;
    case "muted":
      if (event.participant === self && event.by !== self) notices.show(t("notice.muted", { name: name(event.by) }));
      return;
    case "stopped":
      if (event.participant === self && event.by !== self && event.source !== "screen_audio") {
        notices.show(t(`notice.stopped.${event.source}`, { name: name(event.by) }));
      }
      return;
    case "hand_lowered":
      if (event.participant === self && event.by !== self) notices.show(t("notice.hand", { name: name(event.by) }));
      return;
    case "presenter":
      if (event.participant === self && before.presenter !== self) notices.show(t("notice.presenter"));
      if (event.participant !== self && before.presenter === self) notices.show(t("notice.presenter_over"));
      return;
    case "presenter_asked":
      if (event.participant !== self) notices.tell({ kind: "asks", name: name(event.participant) });
      return;
    case "presenter_ask_ended":
      if (event.participant === self && event.by !== self) notices.show(t("notice.presenter_declined"));
      return;
    case "role":
      if (event.participant === self) notices.show(t(event.role === "moderator" ? "notice.promoted" : "notice.demoted"));
      return;
    case "renamed":
      if (event.participant === self && event.by !== self) {
        notices.show(t("notice.renamed", { name: name(event.by), now: personName(event) }));
      }
      return;
    case "exception":
      if (event.participant === self) tellLifted(event.lock, event.on);
      return;
    case "exceptions_inherited": {
      if (event.participant !== self) return;
      const known = find(before.roster, self)?.exceptions ?? [];
      for (const lock of event.exceptions) if (!known.includes(lock)) tellLifted(lock, true);
      for (const lock of known) if (!event.exceptions.includes(lock)) tellLifted(lock, false);
      return;
    }
    case "caption_writer": {
      const language = languageName(event.writer.language, prefs.locale);
      if (event.writer.participant === self) notices.show(t("notice.caption_writer", { language }));
      else if (!captionLanguages(before).includes(event.writer.language)) notices.show(t("notice.captions", { language }));
      return;
    }
    case "caption_writer_ended":
      if (event.writer.participant === self && event.by !== self) notices.show(t("notice.caption_writer_over", { name: name(event.by) }));
      return;
    case "layout":
      if (event.by !== self && event.layout !== null) {
        notices.show(t("notice.layout", { name: name(event.by), layout: t(`layout.${event.layout}`) }));
      }
      return;
    case "minute_taker":
      if (event.participant === self) notices.show(t("notice.minutes"));
      return;
    case "minutes_released":
      if (event.on && event.by !== self) notices.show(t("notice.minutes_released"));
      return;
    case "interpreter":
      if (event.participant === self && event.on) notices.show(t("notice.interpreter"));
      return;
    case "lock":
      if (event.by !== self) notices.show(t(event.on ? `notice.locked.${event.lock}` : `notice.unlocked.${event.lock}`));
      return;
    case "waiting":
      notices.tell({ kind: "waits", name: personName(event.entry) });
      return;
    case "link_rotated":
      if (event.by !== self) notices.show(t("notice.link", { name: name(event.by) }));
      return;
    case "published":
      if (event.source === "screen" && event.participant !== self) {
        notices.tell({ kind: "screen", name: name(event.participant) });
      }
      return;
    default:
      return;
  }
}

function tellOfLine(line: ChatLine, self: string | undefined): void {
  if (self === undefined || line.from === self) return;
  if (line.to !== undefined) notices.tell({ kind: "private", name: personName(line) });
  else if (mentions(line.text, self)) notices.tell({ kind: "mention", name: personName(line) });
  else notices.tell({ kind: "chat" });
}

/** Whether a lock that stays on for others is lifted for oneself. */
function tellLifted(lock: Lock, on: boolean): void {
  notices.show(t(on ? "notice.lifted" : "notice.not_lifted", { what: t(`locks.${lock}`) }));
}
