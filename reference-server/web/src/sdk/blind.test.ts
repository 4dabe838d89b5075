import { expect, test } from "vitest";
import { signer } from "../dev/signer";
import { blind, encode, finalize, readKey, toHex, verify } from "./blind";

const message = new TextEncoder().encode("conf secret vote\nvote_1\n00");

test("what comes back is an ordinary signature of what was never shown", async () => {
  const { key: spki, sign } = await signer();
  const key = await readKey(spki);
  const [one, two] = [await blind(key, message), await blind(key, message)];
  expect(one.message).not.toBe(two.message);
  const signature = await finalize(key, message, one, sign(one.message));
  expect(await verify(key, message, signature)).toBe(true);
  expect(await verify(key, new TextEncoder().encode("another"), signature)).toBe(false);
  await expect(finalize(key, message, one, sign(two.message))).rejects.toThrow("not good");
});

test("an encoding ends as PSS says and is no longer than the key", async () => {
  const encoded = await encode(message, 2047, new Uint8Array(48));
  expect(encoded).toHaveLength(256);
  expect(encoded[255]).toBe(0xbc);
  expect((encoded[0] ?? 0xff) & 0x80).toBe(0);
  expect(toHex(await encode(message, 2047, new Uint8Array(48)))).toBe(toHex(encoded));
});
