import { expect, test } from "vitest";
import { blind, encode, finalize, readKey, toHex, verify } from "./blind";

const message = new TextEncoder().encode("conf secret vote\nvote_1\n00");

async function pair(): Promise<{ spki: string; sign: (blinded: string) => string }> {
  const made = await crypto.subtle.generateKey(
    { name: "RSA-PSS", hash: "SHA-384", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, true, ["sign", "verify"],
  );
  const spki = Buffer.from(await crypto.subtle.exportKey("spki", made.publicKey)).toString("base64");
  const { n, d } = await crypto.subtle.exportKey("jwk", made.privateKey);
  const number = (text: string | undefined): bigint => BigInt(`0x${Buffer.from(text ?? "", "base64url").toString("hex")}`);
  const [modulus, secret] = [number(n), number(d)];
  const sign = (blinded: string): string => {
    let [result, square] = [1n, BigInt(`0x${Buffer.from(blinded, "base64").toString("hex")}`)];
    for (let left = secret; left > 0n; left >>= 1n) {
      if (left & 1n) result = (result * square) % modulus;
      square = (square * square) % modulus;
    }
    return Buffer.from(result.toString(16).padStart(512, "0"), "hex").toString("base64");
  };
  return { spki, sign };
}

test("what comes back is an ordinary signature of what was never shown", async () => {
  const { spki, sign } = await pair();
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
