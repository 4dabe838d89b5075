// Blind signatures (RFC 9474, RSABSSA-SHA384-PSS-Deterministic): what is signed is not seen by whoever signs.
//
// Loaded only when somebody votes. Hashing and checking are WebCrypto's; the rest is arithmetic.

const HASH = "SHA-384";
const HASH_BYTES = 48;
const SALT_BYTES = 48;

/** A vote's public key. */
export interface BlindKey {
  readonly n: bigint;
  readonly e: bigint;
  readonly bytes: number;
  readonly crypto: CryptoKey;
}

/** Something on its way to be signed. */
export interface Blinded {
  /** What is sent, in Base64. */
  readonly message: string;
  /** What takes the blinding off again. */
  readonly inverse: bigint;
}

/** Reads a key from a `SubjectPublicKeyInfo` in Base64. */
export async function readKey(spki: string): Promise<BlindKey> {
  const crypto_ = await crypto.subtle.importKey("spki", fromBase64(spki), { name: "RSA-PSS", hash: HASH }, true, ["verify"]);
  const { n, e } = await crypto.subtle.exportKey("jwk", crypto_);
  const modulus = fromBase64(urlBase64(n ?? ""));
  if (modulus.length < 256) throw new Error("the key is too short");
  return { n: toNumber(modulus), e: toNumber(fromBase64(urlBase64(e ?? ""))), bytes: modulus.length, crypto: crypto_ };
}

/** Blinds `message` (section 4.2). */
export async function blind(key: BlindKey, message: Uint8Array): Promise<Blinded> {
  const bits = key.n.toString(2).length;
  const encoded = toNumber(await encode(message, bits - 1, crypto.getRandomValues(new Uint8Array(SALT_BYTES))));
  for (;;) {
    const factor = toNumber(crypto.getRandomValues(new Uint8Array(key.bytes)));
    const inverse = factor < key.n ? invert(factor, key.n) : null;
    if (inverse === null) continue;
    return { message: toBase64(toBytes((encoded * power(factor, key.e, key.n)) % key.n, key.bytes)), inverse };
  }
}

/** Takes the blinding off a signature and checks it (section 4.4); gives it in Base64. */
export async function finalize(key: BlindKey, message: Uint8Array, blinded: Blinded, signature: string): Promise<string> {
  const signed = (toNumber(fromBase64(signature)) * blinded.inverse) % key.n;
  const text = toBase64(toBytes(signed, key.bytes));
  if (!(await verify(key, message, text))) throw new Error("the signature is not good");
  return text;
}

/** Whether a signature in Base64 is one of `message`. */
export async function verify(key: BlindKey, message: Uint8Array, signature: string): Promise<boolean> {
  return crypto.subtle.verify({ name: "RSA-PSS", saltLength: SALT_BYTES }, key.crypto, fromBase64(signature), copied(message));
}

/** EMSA-PSS-ENCODE (RFC 8017, section 9.1.1). */
export async function encode(message: Uint8Array, bits: number, salt: Uint8Array): Promise<Uint8Array> {
  const length = Math.ceil(bits / 8);
  const hash = await digest(concat(new Uint8Array(8), await digest(message), salt));
  const block = new Uint8Array(length - HASH_BYTES - 1);
  block[block.length - SALT_BYTES - 1] = 1;
  block.set(salt, block.length - SALT_BYTES);
  const mask = await stretch(hash, block.length);
  const masked = block.map((byte, at) => byte ^ (mask[at] ?? 0));
  masked[0] = (masked[0] ?? 0) & (0xff >> (8 * length - bits));
  return concat(masked, hash, new Uint8Array([0xbc]));
}

/** MGF1 (RFC 8017, appendix B.2.1). */
async function stretch(seed: Uint8Array, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let count = 0; count * HASH_BYTES < length; count += 1) {
    parts.push(await digest(concat(seed, new Uint8Array([count >>> 24, count >>> 16, count >>> 8, count]))));
  }
  return concat(...parts).slice(0, length);
}

async function digest(bytes: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest(HASH, copied(bytes)));
}

function copied(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  for (let left = exponent, square = base % modulus; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The inverse by Euclid's algorithm; `null` where there is none. */
function invert(value: bigint, modulus: bigint): bigint | null {
  let [a, b, x, y] = [value, modulus, 1n, 0n];
  while (b !== 0n) {
    const times = a / b;
    [a, b, x, y] = [b, a - times * b, y, x - times * y];
  }
  return a === 1n ? ((x % modulus) + modulus) % modulus : null;
}

function toNumber(bytes: Uint8Array): bigint {
  return BigInt(`0x0${toHex(bytes)}`);
}

function toBytes(value: bigint, length: number): Uint8Array {
  const hex = value.toString(16).padStart(2 * length, "0");
  return Uint8Array.from({ length }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function urlBase64(text: string): string {
  return text.replaceAll("-", "+").replaceAll("_", "/");
}
