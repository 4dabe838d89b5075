// When the device says that its network is another one, or back.

/** Calls `changed` at each such news; returns what ends it. */
export function watchNetwork(changed: () => void): () => void {
  // Outside a page nobody says so, and lost connections are noticed by their silence.
  if (typeof window === "undefined") return () => undefined;
  const connection = (navigator as { connection?: EventTarget }).connection;
  const woken = (): void => {
    if (document.visibilityState === "visible") changed();
  };
  window.addEventListener("online", changed);
  window.addEventListener("offline", changed);
  connection?.addEventListener("change", changed);
  // After sleep nothing else may tell.
  document.addEventListener("visibilitychange", woken);
  return () => {
    window.removeEventListener("online", changed);
    window.removeEventListener("offline", changed);
    connection?.removeEventListener("change", changed);
    document.removeEventListener("visibilitychange", woken);
  };
}
