// What is asked for anew every few seconds while somebody looks at it.

import { untrack } from "svelte";

/** The figures of talking come every ten seconds; what people click should be there sooner. */
const EVERY_MS = 4_000;

/**
 * Reads as long as the component that asks for it is there and `ready`; `null` until something was
 * read. What cannot be read leaves what was read before.
 */
export function refreshed<T>(read: () => Promise<T | null>, ready: () => boolean): { readonly value: T | null } {
  let value = $state.raw<T | null>(null);
  const on = $derived(ready());
  $effect(() => {
    if (!on) return;
    let over = false;
    const ask = async (): Promise<void> => {
      const found = await read();
      if (!over && found !== null) value = found;
    };
    untrack(() => void ask());
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  });
  return {
    get value() {
      return value;
    },
  };
}
