// Puts a track into a media element, and takes it out again.

import type { Attachment } from "svelte/attachments";

/** Shows or plays `track`; `onblocked` is told when the browser wants a click first. */
export function playing(track: MediaStreamTrack | null, onblocked?: () => void): Attachment<HTMLMediaElement> {
  return (element) => {
    if (track === null) return;
    element.srcObject = new MediaStream([track]);
    element.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") onblocked?.();
      // Anything else: the element went away, or its `autoplay` follows up.
    });
    return () => {
      element.srcObject = null;
    };
  };
}
