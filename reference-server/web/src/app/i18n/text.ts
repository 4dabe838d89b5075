// Texts by key: parameters in braces, plurals by the language's own rules.

import de from "./de.json";
import en from "./en.json";

export const LOCALES = ["de", "en"] as const;
export type Locale = (typeof LOCALES)[number];
export type Key = keyof typeof en;
export type Params = Readonly<Record<string, string | number>>;

type Message = string | Readonly<Record<string, string>>;
export const CATALOGUES: Readonly<Record<Locale, Readonly<Record<Key, Message>>>> = { de, en };

/** The first language of the browser's list that there is a catalogue for. */
export function pickLocale(wanted: readonly string[]): Locale {
  for (const tag of wanted) {
    const found = LOCALES.find((locale) => tag.toLowerCase().split("-")[0] === locale);
    if (found !== undefined) return found;
  }
  return "en";
}

/** The text of `key`; a plural is chosen by the parameter `count`. */
export function format(locale: Locale, key: Key, params: Params = {}): string {
  const message = CATALOGUES[locale][key];
  const text = typeof message === "string" ? message : plural(locale, message, Number(params["count"] ?? 0));
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(locale) : value;
  });
}

/** The key of a server's or the client's code; what is unknown has a text too. */
export function errorKey(code: string): Key {
  const key = `error.${code}`;
  return key in en ? (key as Key) : "error.unknown";
}

function plural(locale: Locale, forms: Readonly<Record<string, string>>, count: number): string {
  return forms[new Intl.PluralRules(locale).select(count)] ?? forms["other"] ?? "";
}
