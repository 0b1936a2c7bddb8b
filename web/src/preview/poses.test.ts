import { describe, expect, test } from "vitest";
import { Actor } from "./actor";
import { IdleLoop } from "./idle";
import type { Player } from "./player";
import { PoseReader } from "./poses";
import type { Track } from "./track";

const COLUMNS = ["mouth.jaw_mm", "head.yaw_rad", "viseme"];

function track(rows: number[][], more: Partial<Track> = {}): Track {
  return {
    id: "1",
    fps: 25,
    frames: rows.length,
    duration_s: rows.length / 25,
    columns: COLUMNS,
    poses: new Float32Array(rows.flat()),
    sound: "",
    words: [],
    warnings: [],
    motion: 1,
    said: "",
    ...more,
  };
}

const TWO = [
  [0, 0, 1],
  [4, 0.2, 7],
];

describe("a pose", () => {
  test("between two frames is between both; the viseme is the nearer one's", () => {
    const reader = new PoseReader(track(TWO));
    expect([...reader.at(0.01, 1)]).toEqual([1, expect.closeTo(0.05), 1]);
    expect([...reader.at(0.03, 1)]).toEqual([3, expect.closeTo(0.15), 7]);
  });

  test("before the first frame is the first, after the last the last", () => {
    const reader = new PoseReader(track(TWO));
    expect([...reader.at(-1, 1)]).toEqual([0, 0, 1]);
    expect(reader.at(99, 1)[0]).toBe(4);
  });

  test("has its head moved as far as is wished, and its mouth as far as is said", () => {
    const reader = new PoseReader(track(TWO, { motion: 0.5 }));
    const row = reader.at(0.04, 1.5);
    expect(row[0]).toBe(4);
    expect(row[1]).toBeCloseTo(0.6);
    expect(new PoseReader(track(TWO, { motion: 0 })).at(0.04, 2)[1]).toBeCloseTo(0.2);
  });
});

test("a waiting face begins anew without a jump", () => {
  const rows = Array.from({ length: 100 }, (_, i) => [i, 0, 0]);
  const loop = new IdleLoop(new PoseReader(track(rows)));
  let last = loop.at(0, 1)[0] ?? 0;
  for (let time = 0; time < 9; time += 1 / 60) {
    const now = loop.at(time, 1)[0] ?? 0;
    // The ramp itself falls back by 75 in a second; a jump would be that in one frame.
    expect(Math.abs(now - last)).toBeLessThan(4);
    last = now;
  }
});

test("a face goes over softly from waiting to its words", () => {
  const still = new IdleLoop(new PoseReader(track(Array.from({ length: 100 }, () => [0, 0, 0]))));
  const reader = new PoseReader(track(Array.from({ length: 100 }, () => [8, 0, 0])));
  const actor = new Actor({ timeAt: () => 1 } as unknown as Player);
  const part = { reader, idle: still, motion: 1 };
  actor.pose(0, { ...part, isIdle: true });
  expect(actor.pose(1000, { ...part, isIdle: true })[0]).toBe(0);
  const seen = [1016, 1100, 1166, 1250, 1400].map(
    (now) => actor.pose(now, { ...part, isIdle: false })[0] ?? 0,
  );
  expect(seen[0]).toBe(0);
  expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  expect(seen[4]).toBe(8);
});
