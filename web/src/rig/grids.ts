/**
 * Fields on the nodes of coarse grids: two numbers a node, row by row, in steps of the grid unless
 * said otherwise. The same algorithms as `warp.py` of the engine.
 */

import type { Grid } from "./file";

export type Field = Float32Array;

const SHORT = 3;
const BORDER_SLACK = 0.6;
const NEAR_BORDER = 0.08;

/** A field of zeros. */
export function emptyField(grid: Grid): Field {
  return new Float32Array(2 * grid.columns * grid.rows);
}

/** The sum of `columns`, one after the other, each times its value. */
export function combine(values: Float32Array, columns: Float32Array, into: Field): void {
  const length = into.length;
  into.fill(0);
  for (let column = 0; column < values.length; column++) {
    const value = values[column]!;
    if (value === 0) continue;
    const offset = column * length;
    for (let i = 0; i < length; i++) into[i]! += value * columns[offset + i]!;
  }
}

/** The bilinear value of `field` (columns x rows) at x, y, its border held, into `into[at]`. */
export function fetch(
  field: Field,
  columns: number,
  rows: number,
  x: number,
  y: number,
  into: Field,
  at: number,
): void {
  x = Math.min(Math.max(x, 0), columns - 1);
  y = Math.min(Math.max(y, 0), rows - 1);
  const i = x | 0;
  const j = y | 0;
  const right = x - i;
  const below = y - j;
  const first = 2 * (j * columns + i);
  const next = i < columns - 1 ? first + 2 : first;
  const down = j < rows - 1 ? 2 * columns : 0;
  const a = (1 - right) * (1 - below);
  const b = right * (1 - below);
  const c = (1 - right) * below;
  const d = right * below;
  into[at] =
    a * field[first]! + b * field[next]! + c * field[first + down]! + d * field[next + down]!;
  into[at + 1] =
    a * field[first + 1]! +
    b * field[next + 1]! +
    c * field[first + down + 1]! +
    d * field[next + down + 1]!;
}

/** Inverts fields on one grid, by fixed-point iteration: v with v(x) = field(x - v(x)). */
export class Inverter {
  readonly #columns: number;
  readonly #rows: number;
  readonly #halfColumns: number;
  readonly #halfRows: number;
  readonly #half: Field;
  readonly #begun: Field;

  constructor(grid: Grid) {
    this.#columns = grid.columns;
    this.#rows = grid.rows;
    this.#halfColumns = (grid.columns + 1) >> 1;
    this.#halfRows = (grid.rows + 1) >> 1;
    this.#half = new Float32Array(2 * this.#halfColumns * this.#halfRows);
    this.#begun = this.#half.slice();
  }

  /** Long iterations are begun on every second node. Rows outside first..end are left as they are. */
  invert(field: Field, steps: number, into: Field, first = 0, end = this.#rows): void {
    into.set(field);
    if (steps > SHORT) {
      this.#begin(field, steps - SHORT, into, first, end);
      steps = SHORT;
    }
    iterate(field, this.#columns, this.#rows, steps, into, first, end);
  }

  #begin(field: Field, steps: number, into: Field, first: number, end: number): void {
    const columns = this.#columns;
    const halfColumns = this.#halfColumns;
    const half = this.#half;
    const begun = this.#begun;
    const from = first >> 1;
    const to = Math.min((end >> 1) + 1, this.#halfRows);
    for (let j = 0; j < this.#halfRows; j++) {
      for (let i = 0; i < halfColumns; i++) {
        const node = 2 * (2 * j * columns + 2 * i);
        const at = 2 * (j * halfColumns + i);
        half[at] = 0.5 * field[node]!;
        half[at + 1] = 0.5 * field[node + 1]!;
      }
    }
    begun.set(half);
    iterate(half, halfColumns, this.#halfRows, steps, begun, from, to);
    for (let j = first; j < end; j++) {
      for (let i = 0; i < columns; i++) {
        const at = 2 * (j * columns + i);
        fetch(begun, halfColumns, this.#halfRows, 0.5 * i, 0.5 * j, into, at);
        into[at]! *= 2;
        into[at + 1]! *= 2;
      }
    }
  }
}

function iterate(
  field: Field,
  columns: number,
  rows: number,
  steps: number,
  value: Field,
  first: number,
  end: number,
): void {
  for (let j = first; j < end; j++) {
    for (let i = 0; i < columns; i++) {
      const at = 2 * (j * columns + i);
      for (let step = 0; step < steps; step++) {
        fetch(field, columns, rows, i - value[at]!, j - value[at + 1]!, value, at);
      }
    }
  }
}

/**
 * Bend a map, px that are subtracted from the nodes, so that it never fetches from outside a
 * width x height picture.
 */
export function keepInside(grid: Grid, back: Field, width: number, height: number): void {
  let largest = 0;
  for (let i = 0; i < back.length; i++) largest = Math.max(largest, Math.abs(back[i]!));
  if (largest === 0) return;
  const reach = largest / NEAR_BORDER;
  for (let j = 0; j < grid.rows; j++) {
    const y = grid.top + j * grid.step;
    const nearY = y < reach || y >= height - 1 - reach;
    for (let i = 0; i < grid.columns; i++) {
      const at = 2 * (j * grid.columns + i);
      const x = grid.left + i * grid.step;
      if (x < reach || x >= width - 1 - reach) back[at] = held(back[at]!, x, width - 1);
      if (nearY) back[at + 1] = held(back[at + 1]!, y, height - 1);
    }
  }
}

function held(pull: number, at: number, far: number): number {
  const room = Math.max(BORDER_SLACK * (pull > 0 ? at : far - at), 1e-3);
  return room * Math.tanh(pull / room);
}
