// Getting in: the link's key becomes a token, the token a room.

import { ConfError, Room, joinToken, sessionUrl } from "../../sdk";

export interface Entry {
  readonly room: Room;
  readonly name: string;
}

export interface Wanted {
  readonly room: string;
  readonly key: string;
  readonly name: string;
  /** What was chosen on the way in; they belong to the room from here on. */
  readonly microphone: MediaStreamTrack | null;
  readonly camera: MediaStreamTrack | null;
}

/**
 * Enters the room. What was switched on goes on in the room; if that fails the
 * person is inside without it, and `onproblem` is told.
 */
export async function enter(wanted: Wanted, signal: AbortSignal, onproblem: (error: ConfError) => void): Promise<Entry> {
  const { token } = await joinToken(wanted.room, wanted.key, wanted.name, signal);
  const room = new Room();
  await room.connect(sessionUrl(location.href), token, { signal });
  const tell = (thrown: unknown): void => onproblem(ConfError.from(thrown, "network"));
  if (wanted.microphone !== null) room.setMicrophoneEnabled(true, wanted.microphone).catch(tell);
  if (wanted.camera !== null) room.setCameraEnabled(true, wanted.camera).catch(tell);
  return { room, name: wanted.name };
}
