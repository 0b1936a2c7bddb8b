/** The lips' inner edges in a frame, and how far a place belongs to either lip. */

import { CONTROLS, clamp, PARTING, smoothstep } from "./controls";
import type { RigFile } from "./file";

/** The lips' edges across the mouth are read from a table with this many places. */
export const TABLE_LENGTH = 256;

const SEALED_SHARE = 0.09;
const SEAM_OVERLAP = 0.6;
const APART = 1.2;

/** Edges are points x, y from the viewer's left to the right, px of the frame. */
export class LipEdges {
  readonly upper: Float64Array;
  readonly lower: Float64Array;
  /** From corner to corner: where u is 0, the direction of u, and its end. */
  cornerX = 0;
  cornerY = 0;
  alongX = 1;
  alongY = 0;
  length = 0;
  /**
   * By u, in pairs: v up to which the upper lip is opaque, and minus v from which the lower one
   * is, both in breadths of an edge.
   */
  readonly table = new Float32Array(2 * TABLE_LENGTH);
  readonly edgePx: number;

  readonly #rest: [Float32Array, Float32Array];
  readonly #moved: Float32Array;
  readonly #points: number;

  constructor(file: RigFile) {
    const { lips, interior } = file.header;
    this.#rest = [file.numbers(lips.upper), file.numbers(lips.lower)];
    this.#moved = file.numbers(lips.moved);
    this.#points = this.#rest[0].length / 2;
    this.edgePx = interior.edge;
    this.upper = new Float64Array(2 * this.#points);
    this.lower = new Float64Array(2 * this.#points);
  }

  /** Move the edges by the controls, then by the head's rigid motion (2 x 3, row by row). */
  move(controls: Float32Array, rigid: Float64Array): void {
    this.#part(controls);
    this.#seal();
    carry(this.upper, rigid);
    carry(this.lower, rigid);
    this.#measure();
    this.#tabulate();
  }

  /** How far a place belongs to the upper lip. */
  upperAt(x: number, y: number): number {
    return clamp(this.#read(x, y, 0) - this.#acrossAt(x, y), 0, 1);
  }

  /** How far a place belongs to the lower lip. */
  lowerAt(x: number, y: number): number {
    return clamp(this.#read(x, y, 1) + this.#acrossAt(x, y), 0, 1);
  }

  #acrossAt(x: number, y: number): number {
    const dx = x - this.cornerX;
    const dy = y - this.cornerY;
    return (dy * this.alongX - dx * this.alongY) / this.edgePx;
  }

  #read(x: number, y: number, lip: 0 | 1): number {
    const u = (x - this.cornerX) * this.alongX + (y - this.cornerY) * this.alongY;
    const last = TABLE_LENGTH - 1;
    const at = clamp((u * last) / Math.max(this.length, 1e-6), 0, last);
    const i = Math.min(at | 0, last - 1);
    const share = at - i;
    return (1 - share) * this.table[2 * i + lip]! + share * this.table[2 * i + 2 + lip]!;
  }

  /** The edges meet unless a control parts them, however the field bends them. */
  #part(controls: Float32Array): void {
    const length = 2 * this.#points;
    const [upper, lower] = this.#rest;
    for (let i = 0; i < length; i++) {
      let together = upper[i]! + lower[i]!;
      let apartUpper = 0;
      let apartLower = 0;
      for (let control = 0; control < CONTROLS; control++) {
        const value = controls[control]!;
        if (value === 0) continue;
        const byUpper = value * this.#moved[2 * control * length + i]!;
        const byLower = value * this.#moved[(2 * control + 1) * length + i]!;
        if (PARTING.includes(control)) {
          apartUpper += byUpper;
          apartLower += byLower;
        } else {
          together += byUpper + byLower;
        }
      }
      this.upper[i] = 0.5 * together + apartUpper;
      this.lower[i] = 0.5 * together + apartLower;
    }
  }

  /** Draw the edges together at the corners. */
  #seal(): void {
    const { upper, lower } = this;
    const points = this.#points;
    for (let i = 0; i < points; i++) {
      const toEnd = Math.min(i, points - 1 - i);
      const share = 0.5 - 0.5 * smoothstep(0, SEALED_SHARE * points, toEnd);
      for (let axis = 0; axis < 2; axis++) {
        const pull = share * (lower[2 * i + axis]! - upper[2 * i + axis]!);
        upper[2 * i + axis]! += pull;
        lower[2 * i + axis]! -= pull;
      }
    }
  }

  #measure(): void {
    const { upper, lower } = this;
    const last = 2 * this.#points - 2;
    this.cornerX = 0.5 * (upper[0]! + lower[0]!);
    this.cornerY = 0.5 * (upper[1]! + lower[1]!);
    const x = 0.5 * (upper[last]! + lower[last]!) - this.cornerX;
    const y = 0.5 * (upper[last + 1]! + lower[last + 1]!) - this.cornerY;
    this.length = Math.hypot(x, y);
    this.alongX = x / Math.max(this.length, 1e-6);
    this.alongY = y / Math.max(this.length, 1e-6);
  }

  /** What touches overlaps, what is apart does not. */
  #tabulate(): void {
    this.#heights(this.upper, 0);
    this.#heights(this.lower, 1);
    const { table } = this;
    for (let i = 0; i < table.length; i += 2) {
      const top = table[i]! / this.edgePx;
      const bottom = table[i + 1]! / this.edgePx;
      const half = SEAM_OVERLAP * clamp(1 - (bottom - top) / APART, 0, 1) + 0.5;
      table[i] = top + half;
      table[i + 1] = half - bottom;
    }
  }

  /** v of an edge at each u of the table, into every second place from `into` on. */
  #heights(edge: Float64Array, into: 0 | 1): void {
    const { cornerX, cornerY, alongX, alongY, table } = this;
    let point = 0;
    let fromU = -Infinity;
    let fromV = 0;
    let toU = -Infinity;
    let toV = 0;
    for (let i = 0; i < TABLE_LENGTH; i++) {
      const u = (this.length * i) / (TABLE_LENGTH - 1);
      while (toU < u && point < this.#points) {
        const dx = edge[2 * point]! - cornerX;
        const dy = edge[2 * point + 1]! - cornerY;
        fromU = toU;
        fromV = toV;
        toU = Math.max(toU, dx * alongX + dy * alongY);
        toV = dy * alongX - dx * alongY;
        point++;
      }
      const between = toU > fromU && fromU > -Infinity && u < toU;
      const share = between ? (u - fromU) / (toU - fromU) : 1;
      table[2 * i + into] = between ? fromV + share * (toV - fromV) : toV;
    }
  }
}

function carry(points: Float64Array, rigid: Float64Array): void {
  for (let i = 0; i < points.length; i += 2) {
    const x = points[i]!;
    const y = points[i + 1]!;
    points[i] = rigid[0]! * x + rigid[1]! * y + rigid[2]!;
    points[i + 1] = rigid[3]! * x + rigid[4]! * y + rigid[5]!;
  }
}
