import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOCKS, ROLES, SOURCES } from "../../sdk/proto";
import { CATALOGUES, errorKey, format, LOCALES, pickLocale, type Key } from "./text";

const root = join(import.meta.dirname, "../../../../..");
const keys = (locale: "de" | "en"): string[] => Object.keys(CATALOGUES[locale]).sort();
const params = (message: string | Readonly<Record<string, string>>): string[] =>
  [...new Set((typeof message === "string" ? message : Object.values(message).join(" ")).match(/\{\w+\}/g) ?? [])].sort();

describe("the catalogues", () => {
  test("have the same keys, with the same parameters", () => {
    expect(keys("de")).toEqual(keys("en"));
    for (const key of keys("en") as Key[]) expect(params(CATALOGUES.de[key]), key).toEqual(params(CATALOGUES.en[key]));
  });

  test("have no empty text, and every plural its forms", () => {
    for (const locale of LOCALES) {
      for (const [key, message] of Object.entries(CATALOGUES[locale])) {
        if (typeof message === "string") expect(message.trim(), key).not.toBe("");
        else expect(Object.keys(message).sort(), key).toEqual(["one", "other"]);
      }
    }
  });

  test("know every code a meeting refuses with", () => {
    const source = readFileSync(join(root, "conf-core/src/denied.rs"), "utf8");
    const body = source.slice(source.indexOf("fn code"));
    const codes = [...body.matchAll(/=> "([a-z_]+)"/g)].map((match) => match[1] ?? "");
    expect(codes.length).toBeGreaterThan(8);
    for (const code of codes) expect(errorKey(code), code).toBe(`error.${code}`);
  });

  test("know every problem the server names", () => {
    const folder = join(root, "reference-server/src");
    const files = readdirSync(folder, { recursive: true }).map(String).filter((file) => file.endsWith(".rs"));
    const source = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
    const codes = new Set([...source.matchAll(/Problem::new\(\s*"([a-z_]+)"/g)].map((match) => match[1] ?? ""));
    expect(codes.size).toBeGreaterThan(5);
    for (const code of codes) expect(errorKey(code), code).toBe(`error.${code}`);
  });

  test.each([
    "token_expired", "token_other_room", "text_empty", "text_too_long", "malformed", "protocol", "too_fast", "busy", "unavailable", "no_such_link", "token_invalid",
    "key_wrong", "not_connected", "connection_lost", "network", "aborted", "device_denied", "device_missing", "device_busy",
    "insecure_page", "media_failed", "stopped_meanwhile", "microphone_gone", "microphone_replaced", "camera_gone", "speaker_gone", "camera_other", "blur_missing", "blur_stays", "microphone_other",
  ])("know the code %s", (code) => {
    expect(errorKey(code)).toBe(`error.${code}`);
  });

  test("have a text for every lock, source and role that is shown", () => {
    for (const lock of LOCKS) {
      for (const key of [`locks.${lock}`, `notice.locked.${lock}`, `notice.unlocked.${lock}`]) expect(keys("en")).toContain(key);
    }
    for (const source of SOURCES) if (source !== "screen_audio") expect(keys("en")).toContain(`notice.stopped.${source}`);
    for (const role of ROLES) if (role !== "participant") expect(keys("en")).toContain(`role.${role}`);
  });

  test("have no text nobody shows", () => {
    const sources = readdirSync(join(import.meta.dirname, ".."), { recursive: true })
      .map(String)
      .filter((file) => /\.(svelte|ts)$/.test(file) && !file.endsWith(".test.ts"))
      .map((file) => readFileSync(join(import.meta.dirname, "..", file), "utf8"))
      .join("\n");
    // Keys made at run time, by what they begin with.
    const made = ["banner.", "quality.", "say.", "error.", "over.", "connection.", "device.", "locks.", "notice.", "bar.locked.", "lobby.reason.", "entrance.guests.", "options.guests.", "why.", "picture.", "chat.sign.", "test.step.", "test.outcome.", "processing.blur.", "processing.noise.", "settings.received.", "settings.received_hint.", "captions.size.", "captions.place.", "layout.", "learning.", "minutes.status.", "vote.own_"];
    const unused = keys("en").filter((key) => !sources.includes(`"${key}"`) && !sources.includes(`'${key}'`) && !made.some((m) => key.startsWith(m)));
    expect(unused).toEqual([]);
  });
});

test("a code nobody knows still has a text, and names itself", () => {
  expect(format("en", errorKey("from_the_future"), { code: "from_the_future" })).toContain("from_the_future");
});

test("plurals and numbers follow the language", () => {
  expect(format("en", "people.title", { count: 1 })).toBe("1 person");
  expect(format("de", "people.title", { count: 1500 })).toBe("1.500 Personen");
});

test("text from people is put in as it is", () => {
  expect(format("en", "notice.muted", { name: "{name} $& <b>" })).toBe("{name} $& <b> muted your microphone.");
});

test("the browser's first known language is taken", () => {
  expect(pickLocale(["fr-FR", "de-AT", "en"])).toBe("de");
  expect(pickLocale(["fr"])).toBe("en");
  expect(pickLocale([])).toBe("en");
});
