// How a participant is called on screen.

import { t } from "../i18n/index.svelte";

export function personName(person: { readonly name: string | null } | undefined): string {
  return person?.name ?? t("person.erased");
}
