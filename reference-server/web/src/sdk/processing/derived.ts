// A track made from a device's: whoever holds it holds the device, and hears what goes wrong with the work.

import type { ClientCode } from "../error";

interface Behind {
  readonly device: MediaStreamTrack;
  readonly end: () => void;
}

const behind = new WeakMap<MediaStreamTrack, Behind>();
const listeners = new WeakMap<MediaStreamTrack, (fault: ClientCode) => void>();
const untold = new WeakMap<MediaStreamTrack, ClientCode[]>();

/**
 * Ties `made` to the `device` it is made from: stopping it stops the device,
 * disabling it disables the device, and it ends when the device does. `end` is
 * called once, whichever way it ends. `says` is added to what the device says of itself.
 */
export function derive(
  made: MediaStreamTrack,
  device: MediaStreamTrack,
  end: () => void,
  says: MediaTrackSettings & { backgroundBlur?: boolean } = {},
): MediaStreamTrack {
  const stop = made.stop.bind(made);
  const own = made.getSettings.bind(made);
  let ended = false;
  const endOnce = (): void => {
    if (!ended) end();
    ended = true;
  };
  behind.set(made, { device, end: endOnce });
  const gone = (): void => {
    endOnce();
    stop();
    // A track that is stopped by its page says nothing of it.
    made.dispatchEvent(new Event("ended"));
  };
  device.addEventListener("ended", gone);
  made.enabled = device.enabled;
  Object.defineProperties(made, {
    stop: {
      value: () => {
        device.removeEventListener("ended", gone);
        endOnce();
        device.stop();
        stop();
      },
    },
    enabled: {
      get: () => device.enabled,
      set: (on: boolean) => {
        // Both: nothing that is still on its way through the work is sent either.
        device.enabled = on;
        Reflect.set(MediaStreamTrack.prototype, "enabled", on, made);
      },
    },
    getSettings: {
      value: () => {
        const { deviceId, groupId } = device.getSettings();
        return { ...own(), ...(deviceId === undefined ? {} : { deviceId }), ...(groupId === undefined ? {} : { groupId }), ...says };
      },
    },
  });
  return made;
}

/** The device's own track behind `made`; `undefined` for one that is a device's itself. */
export function deviceBehind(made: MediaStreamTrack): MediaStreamTrack | undefined {
  return behind.get(made)?.device;
}

/** Says of `track` what went wrong: to who holds it, or to who takes it next. */
export function report(track: MediaStreamTrack, fault: ClientCode): void {
  const listener = listeners.get(track);
  if (listener !== undefined) listener(fault);
  else untold.set(track, [...(untold.get(track) ?? []), fault]);
}

/** From now on `told` hears what goes wrong with `track`, and nobody who asked before. */
export function hold(track: MediaStreamTrack, told: (fault: ClientCode) => void): void {
  listeners.set(track, told);
  const faults = untold.get(track) ?? [];
  untold.delete(track);
  for (const fault of faults) told(fault);
}
