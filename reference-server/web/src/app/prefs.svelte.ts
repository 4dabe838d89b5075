// What a person chose about the interface. Kept in the browser only once they chose.

import { pickLocale, type Locale } from "./i18n/text";

export type Theme = "system" | "light" | "dark";
/** What screen readers are told unasked. */
export type Announce = "all" | "chat" | "nothing";

const STORE = "conf.prefs";

class Prefs {
  locale = $state<Locale>("en");
  theme = $state<Theme>("system");
  announce = $state<Announce>("all");
  shortcuts = $state(true);

  constructor() {
    this.locale = pickLocale(typeof navigator === "undefined" ? [] : (navigator.languages ?? []));
    const kept = read();
    if (kept["locale"] === "de" || kept["locale"] === "en") this.locale = kept["locale"];
    if (kept["theme"] === "light" || kept["theme"] === "dark") this.theme = kept["theme"];
    if (kept["announce"] === "chat" || kept["announce"] === "nothing") this.announce = kept["announce"];
    if (kept["shortcuts"] === false) this.shortcuts = false;
  }

  choose(change: { locale?: Locale; theme?: Theme; announce?: Announce; shortcuts?: boolean }): void {
    Object.assign(this, change);
    const { locale, theme, announce, shortcuts } = this;
    try {
      localStorage.setItem(STORE, JSON.stringify({ locale, theme, announce, shortcuts }));
    } catch {
      // Embedded pages may have no storage: the choice then lasts as long as the page.
    }
  }
}

function read(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export const prefs = new Prefs();
