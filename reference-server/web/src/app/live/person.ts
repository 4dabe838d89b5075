// How a participant is called on screen.

import type { Participant } from "../../sdk";
import { t } from "../i18n/index.svelte";

export function personName(person: Participant | undefined): string {
  return person?.name ?? t("person.erased");
}
