import { expect, test } from "vitest";
import { someRender } from "./some-render";
import { needsChange, paceWords, sentence, stageWords, timeLeft } from "./words";

test.each([
  [null, ""],
  [Number.NaN, ""],
  [0.4, "nearly done"],
  [7.2, "8 s left"],
  [33.1, "35 s left"],
  [58, "about 1 min left"],
  [130, "about 2 min left"],
  [3590, "about 1 h 0 min left"],
  [5400, "about 1 h 30 min left"],
])("%s seconds are told as “%s”", (seconds, words) => {
  expect(timeLeft(seconds)).toBe(words);
});

test("the pace is told only when it means something", () => {
  const running = someRender({ status: "running", stage: "render", fps: 1000, progress: 0.2 });
  expect(paceWords(running)).toBe("");
  expect(paceWords({ ...running, fps: 92.4, eta_s: 6 })).toBe("92 frames/s · 6 s left");
  expect(paceWords({ ...running, fps: 0, eta_s: 6 })).toBe("6 s left");
  expect(paceWords({ ...running, progress: 0.001, eta_s: 40000 })).toBe("");
});

test("a stage that is not known here has words all the same", () => {
  const running = someRender({ status: "running", stage: "something new" });
  expect(stageWords(running)).toBe("Drawing frames");
  expect(stageWords(someRender({ status: "cancelled", stage: "render" }))).toBe("Cancelled");
});

test("reasons are sentences", () => {
  expect(sentence("portrait: no face was found")).toBe("No face was found.");
  expect(sentence("Ready? Go!")).toBe("Ready? Go!");
});

test("what another try cannot mend must be changed", () => {
  expect(needsChange("invalid-face")).toBe(true);
  expect(needsChange("failed")).toBe(false);
});
