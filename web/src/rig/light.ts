/** How much light comes into the mouth through its opening, as `interior.py` of the engine says. */

import { clamp, roundness } from "./controls";
import type { RigFile } from "./file";
import type { LipEdges } from "./lips";
import type { Pose } from "./pose";

const VISIBLE = 0.02;
const CELLS_PER_MM = 1.3;

/** The light on cells of `step` px over the part of the frame where one sees between the lips. */
export class MouthLight {
  /** Rows of cells, each `stride` long. */
  readonly values: Float32Array;
  readonly stride: number;
  readonly height: number;
  readonly step: number;
  /** The part that is in use. */
  left = 0;
  top = 0;
  columns = 0;
  rows = 0;

  readonly #relief: number;
  readonly #perMm: number;
  readonly #rect: { left: number; top: number; right: number; bottom: number };
  readonly #upper: Float32Array;
  readonly #lower: Float32Array;
  readonly #opening: Float32Array;
  readonly #spare: Float32Array;

  constructor(file: RigFile) {
    const { mouth, interior, px_per_mm } = file.header;
    const { left, top, width, height } = mouth.rect;
    this.step = Math.max(1, Math.round(px_per_mm / CELLS_PER_MM));
    this.stride = Math.ceil(width / this.step) + 1;
    this.height = Math.ceil(height / this.step) + 1;
    this.#perMm = px_per_mm / this.step;
    this.#relief = interior.relief;
    this.#rect = { left, top, right: left + width, bottom: top + height };
    this.values = new Float32Array(this.stride * this.height);
    this.#upper = this.values.slice();
    this.#lower = this.values.slice();
    this.#opening = this.values.slice();
    this.#spare = this.values.slice();
  }

  /** False when the lips are shut. */
  measure(pose: Pose, lips: LipEdges): boolean {
    if (!this.#findHole(lips)) return false;
    this.#average(lips);
    const { stride, columns, rows, values } = this;
    const wide = Math.max(1, Math.round(9 * this.#perMm));
    const tall = Math.max(1, Math.round(6.5 * this.#perMm));
    const shadow = Math.max(2, Math.round(2.4 * this.#perMm));
    const middle = shadow >> 1;
    const blur = (
      of: Float32Array,
      w: number,
      h: number,
      x: number,
      y: number,
      border: Border,
    ): void => boxBlur(of, this.#spare, stride, columns, rows, w, h, x, y, border);
    const around = this.#opening;
    blur(around, wide, tall, wide >> 1, tall >> 1, "zero");
    blur(around, 3, 3, 1, 1, "held");
    const cast = this.#upper;
    blur(cast, shadow, shadow, middle, shadow - 1, "mirrored");
    blur(cast, 3, 3, 1, 1, "mirrored");
    const rim = this.#lower;
    blur(rim, shadow, shadow, middle, middle, "mirrored");
    const front = clamp(pose["mouth.labiodental"], 0, 1);
    const round = 1 - 0.48 * roundness(pose);
    for (let row = 0; row < rows; row++) {
      for (let at = row * stride; at < row * stride + columns; at++) {
        const letIn = clamp(1.7 * around[at]!, 0.65 * front, 1);
        let light = 0.34 + 0.66 * letIn;
        light *= (1 - (0.32 - 0.2 * front) * cast[at]!) * (1 - 0.2 * rim[at]!);
        values[at] = (1 - (0.75 + 0.25 * this.#relief) * (1 - light)) * round;
      }
    }
    return true;
  }

  /** The smallest even rectangle around what is seen between the lips. */
  #findHole(lips: LipEdges): boolean {
    const rect = this.#rect;
    let left = Infinity;
    let top = Infinity;
    let right = -Infinity;
    let bottom = -Infinity;
    const { upper, lower } = lips;
    for (let i = 0; i < upper.length; i += 2) {
      left = Math.min(left, upper[i]!, lower[i]!);
      right = Math.max(right, upper[i]!, lower[i]!);
      top = Math.min(top, upper[i + 1]!, lower[i + 1]!);
      bottom = Math.max(bottom, upper[i + 1]!, lower[i + 1]!);
    }
    const margin = 2 * lips.edgePx + 1;
    const fromX = Math.max(rect.left, Math.floor(left - margin));
    const toX = Math.min(rect.right, Math.ceil(right + margin) + 1);
    const fromY = Math.max(rect.top, Math.floor(top - margin));
    const toY = Math.min(rect.bottom, Math.ceil(bottom + margin) + 1);
    left = top = Infinity;
    right = bottom = -Infinity;
    for (let y = fromY; y < toY; y++) {
      for (let x = fromX; x < toX; x++) {
        if ((1 - lips.upperAt(x, y)) * (1 - lips.lowerAt(x, y)) < VISIBLE) continue;
        left = Math.min(left, x);
        right = Math.max(right, x + 1);
        top = Math.min(top, y);
        bottom = y + 1;
      }
    }
    if (right < left) return false;
    this.left = 2 * Math.floor(left / 2);
    this.top = 2 * Math.floor(top / 2);
    this.columns = Math.ceil((2 * Math.ceil(right / 2) - this.left) / this.step);
    this.rows = Math.ceil((2 * Math.ceil(bottom / 2) - this.top) / this.step);
    return true;
  }

  /** The lips' opacity and the opening's, averaged over the pixels of each cell. */
  #average(lips: LipEdges): void {
    const { step, stride } = this;
    const pixels = step * step;
    for (let row = 0; row < this.rows; row++) {
      for (let column = 0; column < this.columns; column++) {
        let upper = 0;
        let lower = 0;
        for (let y = 0; y < step; y++) {
          for (let x = 0; x < step; x++) {
            const px = this.left + column * step + x;
            const py = this.top + row * step + y;
            upper += lips.upperAt(px, py);
            lower += lips.lowerAt(px, py);
          }
        }
        const at = row * stride + column;
        this.#upper[at] = upper / pixels;
        this.#lower[at] = lower / pixels;
        this.#opening[at] = (1 - upper / pixels) * (1 - lower / pixels);
      }
    }
  }
}

type Border = "zero" | "held" | "mirrored";

/** The mean of wide x tall values around each, of which `x`, `y` is the one itself; in place. */
function boxBlur(
  values: Float32Array,
  spare: Float32Array,
  stride: number,
  columns: number,
  rows: number,
  wide: number,
  tall: number,
  x: number,
  y: number,
  border: Border,
): void {
  for (let row = 0; row < rows; row++) {
    slide(values, spare, row * stride, 1, columns, wide, x, border);
  }
  for (let column = 0; column < columns; column++) {
    slide(spare, values, column, stride, rows, tall, y, border);
  }
}

function slide(
  from: Float32Array,
  into: Float32Array,
  first: number,
  step: number,
  count: number,
  size: number,
  anchor: number,
  border: Border,
): void {
  for (let i = 0; i < count; i++) {
    let sum = 0;
    for (let k = i - anchor; k < i - anchor + size; k++) {
      const at = k >= 0 && k < count ? k : beyond(k, count, border);
      if (at >= 0) sum += from[first + at * step]!;
    }
    into[first + i * step] = sum / size;
  }
}

/** The place that stands for one outside 0..count - 1, or -1 where nothing does. */
function beyond(at: number, count: number, border: Border): number {
  if (border === "zero") return -1;
  if (border === "held" || count === 1) return clamp(at, 0, count - 1);
  const period = 2 * (count - 1);
  const inside = ((at % period) + period) % period;
  return inside < count ? inside : period - inside;
}
