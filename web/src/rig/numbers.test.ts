/** The engine's numbers, which `tools/write_rig_numbers.py` wrote, and those made here. */

import { describe, expect, it } from "vitest";
import { CONTROLS, controlValues, MOTIONS, motionValues, SHADES, shadingAmounts } from "./controls";
import { combine, fetch, Inverter, keepInside } from "./grids";
import numbers from "./numbers.json";
import { neutralPose, POSE_COLUMNS, readPose } from "./pose";
import { gainOf } from "./warp";

function expectClose(made: ArrayLike<number>, told: number[], tolerance = 2e-5): void {
  expect(made.length).toBe(told.length);
  const off = told.map((value, index) => Math.abs(value - (made[index] ?? Number.NaN)));
  expect(Math.max(...off)).toBeLessThan(tolerance);
}

describe("poses", () => {
  it("are read in the order of the track's columns", () => {
    expect(POSE_COLUMNS).toEqual(numbers.columns);
  });

  it.each(numbers.poses)("become the engine's amounts: $row", ({
    row,
    controls,
    motions,
    gain,
  }) => {
    const pose = neutralPose();
    readPose(row, pose);
    const made = new Float32Array(CONTROLS);
    for (const { is_open, smile, values } of controls) {
      controlValues(pose, is_open, smile, made);
      expectClose(made, values);
    }
    const moved = new Float32Array(MOTIONS);
    motionValues(pose, numbers.roll_share, moved);
    expectClose(moved, motions);
    const shades = new Float32Array(SHADES);
    shadingAmounts(pose, shades);
    expectClose(
      shades.map((amount) => gainOf(0.1 * amount)),
      gain,
    );
  });
});

describe("fields", () => {
  const { field } = numbers;
  const { grid } = field;
  const inverter = new Inverter(grid);
  const sum = new Float32Array(field.sum);

  it("are summed", () => {
    const into = new Float32Array(sum.length);
    combine(new Float32Array(field.values), new Float32Array(field.columns), into);
    expectClose(into, field.sum);
  });

  it("are read between their nodes and beyond them", () => {
    const into = new Float32Array(field.places.length);
    for (let i = 0; i < into.length; i += 2) {
      fetch(sum, grid.columns, grid.rows, field.places[i]!, field.places[i + 1]!, into, i);
    }
    expectClose(into, field.fetched);
  });

  // OpenCV reads between the nodes at every thirty-second of a step only
  it("are inverted", () => {
    const into = new Float32Array(sum.length);
    inverter.invert(sum, 2, into);
    expectClose(into, field.inverted_2, 0.01);
    inverter.invert(sum, 7, into);
    expectClose(into, field.inverted_7, 0.01);
    inverter.invert(sum, 7, into, 2, 6);
    expectClose(into, field.inverted_rows_2_to_6, 0.01);
  });

  it("are kept inside the picture", () => {
    const back = new Float32Array(field.back);
    const [width, height] = field.picture as [number, number];
    keepInside(grid, back, width, height);
    expectClose(back, field.kept_inside, 2e-4);
  });
});
