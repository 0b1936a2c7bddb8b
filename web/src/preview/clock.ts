/** How far off the smooth time may be before it is set right at once, in s. */
const LARGEST_ERROR_S = 0.08;
/** Share of the error that is taken back with each reading. */
const CORRECTION = 0.08;

/**
 * The time of a sound for every frame drawn.
 *
 * Players tell their time in steps; drawn from it as it is, a face would stutter.
 */
export class SmoothClock {
  #time_s = 0;
  #read_ms = 0;
  #isRunning = false;

  /** now_ms: as requestAnimationFrame tells. media_s: what the player says. */
  read(now_ms: number, media_s: number, rate: number, isRunning: boolean): number {
    if (now_ms === this.#read_ms && isRunning && this.#isRunning) return this.#time_s;
    const guess = this.#time_s + ((now_ms - this.#read_ms) / 1000) * rate;
    const error = media_s - guess;
    if (!isRunning || !this.#isRunning || Math.abs(error) > LARGEST_ERROR_S * Math.max(rate, 1)) {
      this.#time_s = media_s;
    } else {
      this.#time_s = Math.max(guess + error * CORRECTION, this.#time_s);
    }
    this.#isRunning = isRunning;
    this.#read_ms = now_ms;
    return this.#time_s;
  }
}
