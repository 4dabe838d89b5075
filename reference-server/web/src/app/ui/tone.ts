// A short tone through one loudspeaker, to hear whether it is the right one.

const LASTS_S = 1.2;

/** Resolves when the tone is over; rejects when the loudspeaker does not play. */
export async function playTone(speaker: string): Promise<void> {
  const context = new AudioContext();
  const element = new Audio();
  try {
    const out = context.createMediaStreamDestination();
    const volume = context.createGain();
    volume.connect(out);
    // Two notes, faded in and out: a bare beginning clicks.
    [523.25, 783.99].forEach((pitch, n) => {
      const note = context.createOscillator();
      note.frequency.value = pitch;
      note.connect(volume);
      note.start(context.currentTime + (n * LASTS_S) / 2);
      note.stop(context.currentTime + ((n + 1) * LASTS_S) / 2);
    });
    const now = context.currentTime;
    volume.gain.setValueAtTime(0, now);
    volume.gain.linearRampToValueAtTime(0.25, now + 0.05);
    volume.gain.setValueAtTime(0.25, now + LASTS_S - 0.1);
    volume.gain.linearRampToValueAtTime(0, now + LASTS_S);
    element.srcObject = out.stream;
    if (speaker !== "" && "setSinkId" in element) await element.setSinkId(speaker);
    await element.play();
    await new Promise((done) => setTimeout(done, LASTS_S * 1_000 + 150));
  } finally {
    element.srcObject = null;
    await context.close();
  }
}
