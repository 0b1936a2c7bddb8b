/** How far iris and lids of one eye move in a pose, as `eyes.py` of the engine says. */

import { clamp } from "./controls";
import type { EyeHeader } from "./file";
import type { Pose } from "./pose";

const SQUINT_MM = 1.6;
const FOLLOW_SHARE = 0.4;
const LOWER_LID_SHARE = 0.12;
const STRETCHED_CLOSURE = [0.1, 0.2] as const;
const SMALLEST_SHIFT_PX = 0.05;
const VERTICAL_REACH = 0.24;

export class EyePose {
  /** px by which the iris moves along the eye's axes. */
  shiftU = 0;
  shiftV = 0;
  /** px by which the upper lid is lowered and the lower one raised by stretching their skin. */
  lowered = 0;
  raised = 0;
  /** Which of the states of the lids is seen, between two of them; 0 is the open eye. */
  state = 0;

  /** True when anything differs from the picture. */
  get moves(): boolean {
    return (
      this.shiftU !== 0 ||
      this.shiftV !== 0 ||
      this.lowered !== 0 ||
      this.raised !== 0 ||
      this.state > 0
    );
  }

  /** True when the pose differs from the one before. */
  set(eye: EyeHeader, pose: Pose): boolean {
    const { shiftU, shiftV, lowered, raised, state } = this;
    const closure = clamp(pose[`eyes.blink_${eye.side}`], 0, 1);
    const squint = clamp(pose["eyes.squint"], 0, 1);
    const x = pose["eyes.gaze_x_mm"];
    const y = pose["eyes.gaze_y_mm"];
    const [across, down] = eye.uv_per_mm;
    const u = across[0] * x + across[1] * y;
    const v = down[0] * x + down[1] * y;
    this.shiftU = softLimit(u, eye.limits[u < 0 ? 0 : 1]);
    this.shiftV = softLimit(v, VERTICAL_REACH * eye.iris.radius);
    // A lid that is lowered by a blink already has nothing to follow.
    let follow = FOLLOW_SHARE * this.shiftV;
    follow = Math.max(follow - closure * eye.opening, Math.min(follow, 0) * (1 - closure));
    const stretched = Math.min(closure, STRETCHED_CLOSURE[1]);
    const upper = follow + stretched * (1 - LOWER_LID_SHARE) * eye.opening;
    const lower =
      SQUINT_MM * eye.px_per_mm * squint +
      LOWER_LID_SHARE * eye.opening * closure * (1 - 0.5 * squint);
    const moves = Math.abs(upper) > SMALLEST_SHIFT_PX || lower > SMALLEST_SHIFT_PX;
    this.lowered = moves ? upper : 0;
    this.raised = moves ? lower : 0;
    this.state = closure > STRETCHED_CLOSURE[0] ? this.#stateOf(eye, closure, follow) : 0;
    return (
      shiftU !== this.shiftU ||
      shiftV !== this.shiftV ||
      lowered !== this.lowered ||
      raised !== this.raised ||
      state !== this.state
    );
  }

  /** The lid follows the gaze also while it closes: as if it were a little farther closed. */
  #stateOf(eye: EyeHeader, closure: number, follow: number): number {
    const last = eye.closures.length - 1;
    const open = eye.closures[0]!;
    const lower = follow / ((1 - LOWER_LID_SHARE) * Math.max(eye.opening, 1));
    return clamp(((closure + lower - open) / (1 - open)) * last, 0, last);
  }
}

/** `value` for small values, never beyond +-limit. */
function softLimit(value: number, limit: number): number {
  return limit > 0 ? limit * Math.tanh(value / limit) : 0;
}
