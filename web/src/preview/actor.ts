import { type IdleLoop, mix } from "./idle";
import type { Player } from "./player";
import type { PoseReader } from "./poses";

const FADE_MS = 300;
/** The picture as it is. */
export const AT_REST: readonly number[] = [];

/** What the face is to do: say its words, wait for them, or be the picture. */
export interface Part {
  reader: PoseReader | null;
  idle: IdleLoop | null;
  isIdle: boolean;
  motion: number;
}

/** Decides the pose of every frame drawn; goes over softly from waiting to talking and back. */
export class Actor {
  #kind: "words" | "idle" | "rest" = "rest";
  #last = new Float32Array(0);
  #from = new Float32Array(0);
  #since_ms = Number.NEGATIVE_INFINITY;

  constructor(readonly player: Player) {}

  /** now_ms: of the frame. The row is used again with the next one. */
  pose(now_ms: number, part: Part): ArrayLike<number> {
    const kind = part.isIdle && part.idle ? "idle" : part.reader ? "words" : "rest";
    if (kind !== this.#kind) {
      this.#from = this.#last.slice();
      this.#since_ms = now_ms;
      this.#kind = kind;
    }
    const row = this.#target(now_ms, part);
    const width = Math.max(row.length, this.#from.length);
    if (this.#last.length !== width) this.#last = new Float32Array(width);
    const share = this.isMoving(now_ms) ? (now_ms - this.#since_ms) / FADE_MS : 1;
    mix(this.#from, row, share * share * (3 - 2 * share), this.#last);
    return this.#last;
  }

  /** Whether it goes over to something else. */
  isMoving(now_ms: number): boolean {
    return now_ms - this.#since_ms < FADE_MS;
  }

  #target(now_ms: number, { reader, idle, motion }: Part): ArrayLike<number> {
    if (this.#kind === "idle" && idle) return idle.at(now_ms / 1000, motion);
    if (this.#kind === "words" && reader) return reader.at(this.player.timeAt(now_ms), motion);
    return AT_REST;
  }
}
