// The bytes of a file, out and in over HTTP. What admits is a token in a header; there is no cookie.

import { ConfError } from "./error";
import { problemOf } from "./rest";

/** How one follows what is sent, and stops it. */
export interface Watch {
  /** How much of it is out, from 0 to 1. */
  readonly progress?: (part: number) => void;
  readonly signal?: AbortSignal;
}

export function filePath(room: string, file: string): string {
  return `/api/v1/rooms/${encodeURIComponent(room)}/files/${encodeURIComponent(file)}`;
}

/** Sends all of `file`; resolves when it has been handed on. */
export function sendFile(path: string, token: string, file: Blob, watch: Watch = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    // `fetch` does not tell how far it is.
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    const fail = (error: ConfError): void => {
      watch.signal?.removeEventListener("abort", abort);
      reject(error);
    };
    request.upload.onprogress = (event) => watch.progress?.(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () => {
      if (request.status < 200 || request.status > 299) return fail(problemOf(request.status, request.responseText));
      watch.signal?.removeEventListener("abort", abort);
      resolve();
    };
    request.onerror = () => fail(new ConfError("network"));
    request.onabort = () => fail(new ConfError("aborted"));
    request.open("PUT", path);
    request.setRequestHeader("authorization", `Bearer ${token}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    watch.signal?.addEventListener("abort", abort, { once: true });
    if (watch.signal?.aborted) return fail(new ConfError("aborted"));
    request.send(file);
  });
}

/** Fetches all of a file. */
export async function fetchFile(path: string, token: string): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(path, { headers: { authorization: `Bearer ${token}` }, credentials: "omit", cache: "no-store" });
    if (response.ok) return await response.blob();
  } catch (thrown) {
    throw ConfError.from(thrown, "network");
  }
  throw problemOf(response.status, await response.text());
}
