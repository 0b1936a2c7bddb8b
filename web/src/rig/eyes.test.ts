import { describe, expect, it } from "vitest";
import { EyePose } from "./eyes";
import type { EyeHeader } from "./file";
import { neutralPose, type Pose } from "./pose";

const EYE = {
  side: "left",
  uv_per_mm: [
    [3, 0],
    [0, 3],
  ],
  opening: 20,
  px_per_mm: 3,
  iris: { u: 40, v: 0, radius: 15, aspect: 1 },
  limits: [6, 8],
  closures: [0.1, 0.4, 0.7, 1],
} as unknown as EyeHeader;

function posed(change: Partial<Pose>): EyePose {
  const pose = new EyePose();
  pose.set(EYE, { ...neutralPose(), ...change });
  return pose;
}

describe("an eye", () => {
  it("rests as in the picture", () => {
    expect(posed({}).moves).toBe(false);
    expect(posed({ "eyes.blink_right": 1, "mouth.jaw_mm": 5 }).moves).toBe(false);
  });

  it("looks as far as it can", () => {
    expect(posed({ "eyes.gaze_x_mm": 0.1 }).shiftU).toBeCloseTo(0.3, 2);
    expect(posed({ "eyes.gaze_x_mm": 50 }).shiftU).toBeCloseTo(8);
    expect(posed({ "eyes.gaze_x_mm": -50 }).shiftU).toBeCloseTo(-6);
  });

  it("closes through all states of its lids", () => {
    expect(posed({ "eyes.blink_left": 0.09 }).state).toBe(0);
    expect(posed({ "eyes.blink_left": 0.55 }).state).toBeCloseTo(1.5);
    expect(posed({ "eyes.blink_left": 1 }).state).toBe(3);
  });

  it("lowers its lid when it looks down", () => {
    expect(posed({ "eyes.gaze_y_mm": 1 }).lowered).toBeGreaterThan(0.5);
    expect(posed({ "eyes.gaze_y_mm": -1 }).lowered).toBeLessThan(-0.5);
    expect(posed({ "eyes.squint": 1 }).raised).toBeCloseTo(4.8);
  });

  it("says when it looks otherwise than before", () => {
    const pose = new EyePose();
    const row = neutralPose();
    expect(pose.set(EYE, row)).toBe(false);
    expect(pose.set(EYE, { ...row, "eyes.blink_left": 0.5 })).toBe(true);
    expect(pose.set(EYE, { ...row, "eyes.blink_left": 0.5 })).toBe(false);
    expect(pose.set(EYE, row)).toBe(true);
  });
});
