// Two seconds of one's own voice, recorded in this page and played back to nobody else.

export const LASTS_MS = 2_000;
/** Quieter than this a microphone gives nothing but its own hiss: -60 dB. */
const SILENT_BELOW = 0.001;

export interface Voice {
  readonly sound: Blob;
  /** Whether nothing was heard: the device is muted, or it is the wrong one. */
  readonly silent: boolean;
}

export const canRecord = (): boolean => typeof MediaRecorder !== "undefined";

/** Records `track`; ends early, with what there is, when `stop` says so or the track ends. */
export async function record(track: MediaStreamTrack, stop: AbortSignal): Promise<Voice> {
  const stream = new MediaStream([track]);
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const over = new Promise<void>((done, failed) => {
    recorder.onstop = () => done();
    recorder.onerror = () => failed(new Error("the recorder failed"));
  });
  const listening = listen(stream);
  const end = (): void => {
    if (recorder.state !== "inactive") recorder.stop();
  };
  stop.addEventListener("abort", end);
  recorder.start();
  const timer = setTimeout(end, LASTS_MS);
  try {
    await over;
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", end);
    listening.close();
  }
  return { sound: new Blob(parts, { type: recorder.mimeType }), silent: listening.loudest() < SILENT_BELOW };
}

/** Plays `sound` on `speaker`; resolves when it is over, rejects when the loudspeaker does not play. */
export async function play(sound: Blob, speaker: string, stop: AbortSignal): Promise<void> {
  const url = URL.createObjectURL(sound);
  const element = new Audio(url);
  const over = new Promise<void>((done, failed) => {
    element.onended = () => done();
    element.onerror = () => failed(new Error("the recording does not play"));
    stop.addEventListener("abort", () => done());
  });
  // Told of later, should playing itself fail first.
  over.catch(() => undefined);
  try {
    if (speaker !== "" && "setSinkId" in element) await element.setSinkId(speaker);
    await element.play();
    await over;
  } finally {
    element.pause();
    URL.revokeObjectURL(url);
  }
}

function listen(stream: MediaStream): { loudest: () => number; close: () => void } {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let loudest = 0;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
  }, 40);
  return {
    loudest: () => loudest,
    close: () => {
      clearInterval(timer);
      void context.close();
    },
  };
}
