// Who takes the noise out of one's voice: the browser, we ourselves, or nobody.

export type Noise = "browser" | "strong" | "off";

/** What can be chosen here, the usual choice first. */
export function offersNoise(): readonly Noise[] {
  const devices = typeof navigator === "undefined" ? undefined : (navigator as Partial<Navigator>).mediaDevices;
  const browser = devices?.getSupportedConstraints().noiseSuppression === true;
  const strong = "AudioWorkletNode" in globalThis && "WebAssembly" in globalThis;
  return [...(browser ? (["browser"] as const) : []), ...(strong ? (["strong"] as const) : []), "off"];
}
