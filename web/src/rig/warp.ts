/**
 * Where the pixels of a frame come from: maps on coarse grids, px that are subtracted from a place
 * of the frame to get to the place of the picture that is seen there.
 *
 * The controls move the skin, then the head carries it; both are inverted. The same steps as
 * `draw.py` of the engine takes.
 */

import {
  CONTROLS,
  clamp,
  controlValues,
  MOTIONS,
  motionValues,
  SHADES,
  shadingAmounts,
} from "./controls";
import type { Grid, Point, RigFile } from "./file";
import { combine, emptyField, type Field, fetch, Inverter, keepInside } from "./grids";
import { LipEdges } from "./lips";
import type { Pose } from "./pose";

const FACE_STEPS = 5;
const HEAD_STEPS = 2;
const MOUTH_STEPS = 7;
const DARKEST = 0.75;
const BRIGHTEST = 1.12;
const BAND_MM = 2.5;
const STILL = new Float64Array([1, 0, 0, 0, 1, 0]);

/** One layer: its fields forwards, and scratch to turn them around. */
class Layer {
  readonly grid: Grid;
  readonly forward: Field;
  readonly backward: Field;
  /** Where the nodes lie before the head moves, in steps. */
  readonly at: Field;
  readonly inverter: Inverter;

  constructor(grid: Grid) {
    this.grid = grid;
    this.forward = emptyField(grid);
    this.backward = emptyField(grid);
    this.at = emptyField(grid);
    this.inverter = new Inverter(grid);
  }
}

export class Warp {
  /** The maps. */
  readonly head: Field;
  readonly face: Field;
  readonly upperLip: Field;
  readonly lowerLip: Field;
  /** What the brightness of the picture is multiplied by, on the nodes of the shading's grid. */
  readonly gain: Float32Array;
  readonly lips: LipEdges;
  /** The head's motion at the mouth, px of the picture -> px of the frame, 2 x 3 row by row. */
  readonly rigid = new Float64Array(6);

  readonly #file: RigFile;
  readonly #controls = new Float32Array(CONTROLS);
  readonly #motions = new Float32Array(MOTIONS);
  readonly #shades = new Float32Array(SHADES);
  readonly #headColumns: Float32Array;
  readonly #faceColumns: Float32Array;
  readonly #upperColumns: Float32Array;
  readonly #lowerColumns: Float32Array;
  readonly #shadeColumns: Float32Array;
  readonly #headLayer: Layer;
  readonly #faceLayer: Layer;
  readonly #mouthLayer: Layer;
  /** The face's map before it is kept inside the picture. */
  readonly #faceBack: Field;
  readonly #margin: number;

  constructor(file: RigFile) {
    const { head, face, mouth, shading, px_per_mm } = file.header;
    this.#file = file;
    this.#headColumns = file.numbers(head.columns);
    this.#faceColumns = file.numbers(face.columns);
    this.#upperColumns = file.numbers(mouth.upper);
    this.#lowerColumns = file.numbers(mouth.lower);
    this.#shadeColumns = file.numbers(shading.basis);
    this.#headLayer = new Layer(head.grid);
    this.#faceLayer = new Layer(face.grid);
    this.#mouthLayer = new Layer(mouth.grid);
    this.head = emptyField(head.grid);
    this.face = emptyField(face.grid);
    this.#faceBack = emptyField(face.grid);
    this.upperLip = emptyField(mouth.grid);
    this.lowerLip = emptyField(mouth.grid);
    this.gain = new Float32Array(shading.grid.columns * shading.grid.rows);
    this.lips = new LipEdges(file);
    this.#margin = Math.max(BAND_MM * px_per_mm, 1.5 * mouth.grid.step + 2);
  }

  update(pose: Pose): void {
    const { header } = this.#file;
    controlValues(pose, header.lips.is_open, header.smile, this.#controls);
    motionValues(pose, header.head.roll_share, this.#motions);
    this.#findRigid();
    this.lips.move(this.#controls, STILL);
    this.#turnHead();
    this.#bendFace();
    this.#bendMouth();
    this.lips.move(this.#controls, this.rigid);
    this.#shade(pose);
  }

  #findRigid(): void {
    const { origin, head } = this.#file.header;
    const roll = this.#motions[2]!;
    let x = origin[0];
    let y = origin[1];
    for (let i = 0; i < MOTIONS; i++) {
      const at: Point = head.at_mouth[i]!;
      x += this.#motions[i]! * at[0];
      y += this.#motions[i]! * at[1];
    }
    this.rigid[0] = 1;
    this.rigid[1] = -roll;
    this.rigid[2] = x - origin[0] + roll * origin[1];
    this.rigid[3] = roll;
    this.rigid[4] = 1;
    this.rigid[5] = y - roll * origin[0] - origin[1];
  }

  #turnHead(): void {
    const { grid, forward, backward, inverter } = this.#headLayer;
    combine(this.#motions, this.#headColumns, forward);
    inverter.invert(forward, HEAD_STEPS, backward);
    for (let i = 0; i < backward.length; i++) this.head[i] = backward[i]! * grid.step;
    this.#keepInside(grid, this.head);
  }

  #bendFace(): void {
    const layer = this.#faceLayer;
    combine(this.#controls, this.#faceColumns, layer.forward);
    layer.inverter.invert(layer.forward, FACE_STEPS, layer.backward);
    this.#beforeHead(layer);
    goBack(layer, this.#faceBack);
    this.face.set(this.#faceBack);
    this.#keepInside(layer.grid, this.face);
  }

  #bendMouth(): void {
    const layer = this.#mouthLayer;
    const { grid, forward, backward, inverter } = layer;
    this.#beforeHead(layer);
    const [top, bottom] = this.#lipRows();
    const margin = (2 * this.#margin) / grid.step + 1;
    const first = clamp(Math.trunc(top - margin), 0, grid.rows);
    const end = clamp(Math.ceil(bottom + margin), 0, grid.rows);
    combine(this.#controls, this.#upperColumns, forward);
    inverter.invert(forward, MOUTH_STEPS, backward, 0, end);
    this.#ownOrFace(layer, this.upperLip);
    combine(this.#controls, this.#lowerColumns, forward);
    inverter.invert(forward, MOUTH_STEPS, backward, first, grid.rows);
    this.#ownOrFace(layer, this.lowerLip);
  }

  /** Rows of the mouth's grid between which the lips' edges lie, the head being at rest. */
  #lipRows(): [number, number] {
    const { grid } = this.#mouthLayer;
    let top = Infinity;
    let bottom = -Infinity;
    for (let i = 1; i < this.lips.upper.length; i += 2) {
      top = Math.min(top, this.lips.upper[i]!, this.lips.lower[i]!);
      bottom = Math.max(bottom, this.lips.upper[i]!, this.lips.lower[i]!);
    }
    return [(top - grid.top) / grid.step, (bottom - grid.top) / grid.step];
  }

  /** The mouth's map; nodes that left its grid ask the face's. */
  #ownOrFace(layer: Layer, into: Field): void {
    const { grid, at } = layer;
    const face = this.#faceLayer.grid;
    goBack(layer, into);
    for (let j = 0; j < grid.rows; j++) {
      for (let i = 0; i < grid.columns; i++) {
        const node = 2 * (j * grid.columns + i);
        const x = at[node]!;
        const y = at[node + 1]!;
        if (x >= 0 && x <= grid.columns - 1 && y >= 0 && y <= grid.rows - 1) continue;
        const faceX = (grid.left + i * grid.step - face.left) / face.step;
        const faceY = (grid.top + j * grid.step - face.top) / face.step;
        fetch(this.#faceBack, face.columns, face.rows, faceX, faceY, into, node);
      }
    }
    this.#keepInside(grid, into);
  }

  #beforeHead({ grid, at }: Layer): void {
    const { grid: coarse, backward } = this.#headLayer;
    const ratio = coarse.step / grid.step;
    for (let j = 0; j < grid.rows; j++) {
      const y = (grid.top + j * grid.step - coarse.top) / coarse.step;
      for (let i = 0; i < grid.columns; i++) {
        const x = (grid.left + i * grid.step - coarse.left) / coarse.step;
        const node = 2 * (j * grid.columns + i);
        fetch(backward, coarse.columns, coarse.rows, x, y, at, node);
        at[node] = i - ratio * at[node]!;
        at[node + 1] = j - ratio * at[node + 1]!;
      }
    }
  }

  #shade(pose: Pose): void {
    shadingAmounts(pose, this.#shades);
    combine(this.#shades, this.#shadeColumns, this.gain);
    for (let i = 0; i < this.gain.length; i++) this.gain[i] = gainOf(this.gain[i]!);
  }

  #keepInside(grid: Grid, back: Field): void {
    keepInside(grid, back, this.#file.header.width, this.#file.header.height);
  }
}

/** What brightness is multiplied by for a relative change of it. */
export function gainOf(change: number): number {
  return clamp(1 + change, DARKEST, BRIGHTEST);
}

/** How far off what the nodes show is, px, when the head carries them from `at`. */
function goBack({ grid, at, backward }: Layer, into: Field): void {
  for (let j = 0; j < grid.rows; j++) {
    for (let i = 0; i < grid.columns; i++) {
      const node = 2 * (j * grid.columns + i);
      const x = at[node]!;
      const y = at[node + 1]!;
      fetch(backward, grid.columns, grid.rows, x, y, into, node);
      into[node] = (i - x + into[node]!) * grid.step;
      into[node + 1] = (j - y + into[node + 1]!) * grid.step;
    }
  }
}
