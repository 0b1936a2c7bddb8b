import type { Track } from "./track";

/** Turns of the head and the body, which `motion` makes larger or smaller. */
const MOVING = /^(head|body)\.|^eyes\.gaze/;

/** Reads the pose of any moment from a track, as a row of its columns. */
export class PoseReader {
  readonly #row: Float32Array;
  readonly #moving: readonly boolean[];
  readonly #viseme: number;

  constructor(readonly track: Track) {
    this.#row = new Float32Array(track.columns.length);
    this.#moving = track.columns.map((column) => MOVING.test(column));
    this.#viseme = track.columns.indexOf("viseme");
  }

  /** Between two frames it is the mean of both by their distance. motion: as the track's own. */
  at(time_s: number, motion: number): Float32Array {
    const { poses, fps, frames, columns } = this.track;
    const width = columns.length;
    const place = Math.min(Math.max(time_s * fps, 0), Math.max(frames - 1, 0));
    const first = Math.floor(place);
    const share = place - first;
    const from = first * width;
    const to = Math.min(first + 1, frames - 1) * width;
    const scale = this.track.motion > 0 ? motion / this.track.motion : 1;
    for (let i = 0; i < width; i++) {
      const before = poses[from + i] ?? 0;
      const mixed = before + ((poses[to + i] ?? before) - before) * share;
      this.#row[i] = this.#moving[i] ? mixed * scale : mixed;
    }
    if (this.#viseme >= 0) {
      this.#row[this.#viseme] = poses[(share < 0.5 ? from : to) + this.#viseme] ?? 0;
    }
    return this.#row;
  }

  /** The number of the viseme in the 15. */
  visemeAt(time_s: number): number {
    return this.#viseme < 0 ? 0 : (this.at(time_s, this.track.motion)[this.#viseme] ?? 0);
  }
}
