// A server's part in a secret vote, for tests.

/** Signs as the server does, with the secret exponent of a key made here. */
export async function signer(): Promise<{ key: string; sign: (blinded: string) => string }> {
  const made = await crypto.subtle.generateKey(
    { name: "RSA-PSS", hash: "SHA-384", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, true, ["sign", "verify"],
  );
  const key = Buffer.from(await crypto.subtle.exportKey("spki", made.publicKey)).toString("base64");
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
  return { key, sign };
}
