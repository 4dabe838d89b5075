// Whether sound comes out of something that sound goes into.

/** Looks with sound going in and none coming out, until it is taken to be broken: two seconds at five looks a second. */
const PATIENCE = 10;
/** Quieter than this may be a device that is muted by its own switch. */
const SOUND = 0.0005;

export type Verdict = "waiting" | "works" | "silent";

/**
 * Judges by the loudest sample of both sides, look by look. One sample that is
 * not zero proves it: a suppressor makes noise very quiet, while one that could
 * not start gives nothing but zeros.
 */
export class SoundProof {
  #silent = 0;

  look(going: number, coming: number): Verdict {
    if (coming > 0) return "works";
    if (going > SOUND) this.#silent += 1;
    return this.#silent >= PATIENCE ? "silent" : "waiting";
  }
}
