// A message in one short line, where another refers to it.

import type { ChatLine } from "../../../sdk";
import { t } from "../../i18n/index.svelte";
import { withNames } from "./mentions";

const MOST = 120;

export function short(line: ChatLine, nameOf: (id: string) => string): string {
  if (line.deleted_by !== undefined) return t(line.deleted_by === line.from ? "chat.deleted" : "chat.deleted_by_moderator");
  if (line.text === null) return t("chat.erased");
  const letters = [...withNames(line.text, nameOf).replace(/\s+/gu, " ")];
  return letters.length > MOST ? `${letters.slice(0, MOST).join("")}…` : letters.join("");
}
