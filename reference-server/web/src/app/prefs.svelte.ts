// What a person chose about the interface. Kept in the browser only once they chose.

import type { Blur, Noise } from "../sdk";
import { LAYOUTS, type Layout } from "../sdk";
import { pickLocale, type Locale } from "./i18n/text";
import { RECEIVED, type Received } from "./stage/received";

export type Theme = "system" | "light" | "dark";
/** What screen readers are told unasked. */
export type Announce = "all" | "chat" | "nothing";

export type CaptionSize = "small" | "medium" | "large";
export type CaptionPlace = "top" | "bottom";

interface Change {
  locale?: Locale;
  theme?: Theme;
  announce?: Announce;
  shortcuts?: boolean;
  liveText?: boolean;
  saving?: boolean;
  received?: Received;
  timerSound?: boolean;
  noise?: Noise;
  blur?: Blur;
  layout?: Layout;
  captionLanguage?: string;
  captionSize?: CaptionSize;
  captionPlace?: CaptionPlace;
}

const STORE = "conf.prefs";

export class Prefs {
  locale = $state<Locale>("en");
  theme = $state<Theme>("system");
  announce = $state<Announce>("all");
  shortcuts = $state(true);
  /** Whether everyone sees one's messages while one writes them. */
  liveText = $state(false);
  timerSound = $state(true);
  noise = $state<Noise>("browser");
  blur = $state<Blur>("off");
  /** How one arranges the pictures for oneself. */
  layout = $state<Layout>("grid");
  /** In which language one reads captions; empty for none. */
  captionLanguage = $state("");
  captionSize = $state<CaptionSize>("medium");
  captionPlace = $state<CaptionPlace>("bottom");
  /** Whether little is to be sent and received. Until someone chose, what the browser says of the device. */
  saving = $state(false);
  #savingChosen = false;
  /** Which pictures of others are to come at all. */
  received = $state<Received>("all");

  constructor() {
    this.locale = pickLocale(typeof navigator === "undefined" ? [] : (navigator.languages ?? []));
    const kept = read();
    if (kept["locale"] === "de" || kept["locale"] === "en") this.locale = kept["locale"];
    if (kept["theme"] === "light" || kept["theme"] === "dark") this.theme = kept["theme"];
    if (kept["announce"] === "chat" || kept["announce"] === "nothing") this.announce = kept["announce"];
    if (kept["shortcuts"] === false) this.shortcuts = false;
    if (kept["liveText"] === true) this.liveText = true;
    if (kept["timerSound"] === false) this.timerSound = false;
    if (kept["noise"] === "strong" || kept["noise"] === "off") this.noise = kept["noise"];
    // Kept by pages that knew no third choice.
    else if (kept["noiseSuppression"] === false) this.noise = "off";
    if (kept["blur"] === "light" || kept["blur"] === "strong") this.blur = kept["blur"];
    // Kept by pages that knew one strength.
    else if (kept["blur"] === true) this.blur = "strong";
    this.layout = LAYOUTS.find((layout) => layout === kept["layout"]) ?? "grid";
    if (typeof kept["captionLanguage"] === "string") this.captionLanguage = kept["captionLanguage"];
    if (kept["captionSize"] === "small" || kept["captionSize"] === "large") this.captionSize = kept["captionSize"];
    if (kept["captionPlace"] === "top") this.captionPlace = "top";
    this.#savingChosen = typeof kept["saving"] === "boolean";
    this.saving = this.#savingChosen ? kept["saving"] === true : deviceSaves();
    this.received = RECEIVED.find((received) => received === kept["received"]) ?? "all";
  }

  choose(change: Change): void {
    Object.assign(this, change);
    this.#savingChosen ||= change.saving !== undefined;
    const { locale, theme, announce, shortcuts, liveText, timerSound, noise, blur } = this;
    const { received, layout, captionLanguage, captionSize, captionPlace } = this;
    const captions = { captionLanguage, captionSize, captionPlace };
    const saving = this.#savingChosen ? { saving: this.saving } : {};
    try {
      localStorage.setItem(STORE, JSON.stringify({ locale, theme, announce, shortcuts, liveText, timerSound, noise, blur, received, layout, ...captions, ...saving }));
    } catch {
      // Embedded pages may have no storage: the choice then lasts as long as the page.
    }
  }
}

/** Whether the device is set to save data everywhere; not every browser says so. */
function deviceSaves(): boolean {
  if (typeof navigator === "undefined") return false;
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
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
