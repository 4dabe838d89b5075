// The files that were handed on, oldest first.

import type { RoomEvent, SharedFile } from "./proto";

export type Files = readonly SharedFile[];

export function reduceFiles(files: Files, event: RoomEvent): Files {
  switch (event.type) {
    case "file_shared":
      return [...files.filter((file) => file.id !== event.file.id), event.file];
    case "file_deleted":
      return files.some((file) => file.id === event.file) ? files.filter((file) => file.id !== event.file) : files;
    default:
      return files;
  }
}
