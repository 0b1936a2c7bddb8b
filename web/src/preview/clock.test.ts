import { expect, test } from "vitest";
import { SmoothClock } from "./clock";

/** What a player that tells its time in steps says at a moment. */
function stepped(time_s: number): number {
  return Math.floor(time_s / 0.04) * 0.04;
}

test.each([0.5, 1, 2])("runs evenly at %d× where the player tells its time in steps", (rate) => {
  const clock = new SmoothClock();
  let last = clock.read(0, 0, rate, true);
  for (let frame = 1; frame < 300; frame++) {
    const now = (1000 * frame) / 60;
    const time = clock.read(now, stepped((rate * now) / 1000), rate, true);
    // After it has begun, no frame is a frame of the film early or late, and none stands still.
    if (frame > 60) {
      expect(time - last).toBeGreaterThan((rate / 60) * 0.6);
      expect(time - last).toBeLessThan((rate / 60) * 1.4);
      expect(Math.abs(time - (rate * now) / 1000)).toBeLessThan(0.04);
    }
    last = time;
  }
});

test("goes to another moment at once", () => {
  const clock = new SmoothClock();
  clock.read(0, 1, 1, true);
  expect(clock.read(16, 5, 1, true)).toBe(5);
  expect(clock.read(32, 2, 1, true)).toBe(2);
});

test("is right again after the page was not drawn for a while", () => {
  const clock = new SmoothClock();
  clock.read(0, 0, 1, true);
  expect(clock.read(20_000, 19, 1, true)).toBe(19);
});

test("stands still where the player does", () => {
  const clock = new SmoothClock();
  clock.read(0, 3, 1, true);
  expect(clock.read(100, 3, 1, false)).toBe(3);
  expect(clock.read(5000, 3, 1, false)).toBe(3);
});

test("tells all that ask within a frame the same", () => {
  const clock = new SmoothClock();
  clock.read(0, 0, 1, true);
  expect(clock.read(16, 0.02, 1, true)).toBe(clock.read(16, 0.021, 1, true));
});
