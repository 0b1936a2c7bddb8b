/**
 * The amounts of what a face can do, from a pose.
 *
 * The same numbers as `controls.py`, `head.py` and `shading.py` of the engine make;
 * `numbers.test.ts` compares them.
 */

import type { Pose } from "./pose";

export const CONTROLS = 14;
export const MOTIONS = 9;
export const SHADES = 6;

const SERIOUS_SMILE = 0.25;
const SERIOUS_SHARE = 0.85;
const SMILE_GAIN = 2.0;
const FROWN_GAIN = 3.4;
const BROAD_GAIN = 0.9;
const USED_UP = 0.1;

/** Controls that part the lips: upper raise, lower drop, and both of a rounded mouth. */
export const PARTING: readonly number[] = [0, 1, 12, 13];

/** The amounts of the controls; `smile` is the picture's own. */
export function controlValues(
  pose: Pose,
  isOpen: boolean,
  smile: number,
  into: Float32Array,
): void {
  const wished = pose["mouth.smile"];
  const width = pose["mouth.width_mm"];
  const pucker = clamp(pose["mouth.round"], 0, 1);
  const serious = Math.min(Math.max(-wished, 0) / SERIOUS_SMILE, 1);
  const relaxed =
    smile *
    Math.max(0.8 * pucker, Math.min(-width / 9, 0.8), isOpen ? 0.2 : 0, SERIOUS_SHARE * serious);
  let added = Math.max(wished, 0);
  added *= (SMILE_GAIN + BROAD_GAIN * added) * (1 - USED_UP * smile);
  into[0] = pose["mouth.upper_raise_mm"] * (1 - pucker);
  into[1] = pose["mouth.lower_drop_mm"] * (1 - pucker);
  into[2] = width;
  into[3] = pose["mouth.jaw_mm"];
  into[4] = pose["mouth.press"];
  into[5] = pose["mouth.labiodental"];
  into[6] = pose["mouth.round"];
  into[7] = added - relaxed;
  into[8] = FROWN_GAIN * Math.max(-wished, 0);
  into[9] = pose["eyes.brow_mm"];
  into[10] = pose["eyes.squint"];
  into[11] = isOpen ? 1 : 0;
  into[12] = pose["mouth.upper_raise_mm"] * pucker;
  into[13] = pose["mouth.lower_drop_mm"] * pucker;
}

/** The amounts of the motions of head and body. */
export function motionValues(pose: Pose, rollShare: number, into: Float32Array): void {
  into[0] = pose["head.yaw_rad"];
  into[1] = pose["head.pitch_rad"];
  into[2] = rollShare * pose["head.roll_rad"];
  into[3] = pose["head.x_mm"];
  into[4] = pose["head.y_mm"];
  into[5] = pose["body.x_mm"];
  into[6] = pose["body.y_mm"];
  into[7] = pose["body.roll_rad"];
  into[8] = pose["head.breath"];
}

/** The amounts of folds, chin crease, lip shadow, jaw shadow, lip volume and cheeks. */
export function shadingAmounts(pose: Pose, into: Float32Array): void {
  const smile = Math.max(pose["mouth.smile"], 0);
  const wide = Math.max(pose["mouth.width_mm"], 0);
  const jaw = Math.max(pose["mouth.jaw_mm"], 0);
  const purse = roundness(pose);
  const crease =
    0.6 * pose["mouth.press"] + 0.5 * pose["mouth.labiodental"] + 0.7 * purse - 0.03 * jaw;
  into[0] = Math.min(0.65 * smile + 0.07 * wide + 0.07 * pose["mouth.upper_raise_mm"], 1.2);
  into[1] = Math.max(crease, -0.3);
  into[2] = Math.min(0.045 * pose["mouth.lower_drop_mm"] + 0.5 * purse, 1);
  into[3] = Math.min(jaw / 11, 1.2);
  into[4] = purse;
  into[5] = smile;
}

/** How far the lips are pushed forward, 0..1.2. */
export function roundness(pose: Pose): number {
  return clamp(pose["mouth.round"], 0, 1.2);
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** 0 below `low`, 1 above `high`, smooth between. */
export function smoothstep(low: number, high: number, x: number): number {
  const t = clamp((x - low) / (high - low), 0, 1);
  return t * t * (3 - 2 * t);
}
