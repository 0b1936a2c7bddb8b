import { beforeEach, expect, test } from "vitest";
import { EMPTY } from "./composition";
import { saveComposition, savedComposition } from "./saved";

beforeEach(() => localStorage.clear());

test("a composition is there again after a reload", () => {
  const now = { ...EMPTY, text: "Hello", seed: 7, rate: 200, voice: "de" };
  saveComposition(now);
  expect(savedComposition()).toEqual(now);
});

test.each([
  "{",
  "null",
  "[]",
  '"text"',
  '{"text": 5, "face": null, "strange": 1}',
])("what is damaged is not taken: %s", (kept) => {
  localStorage.setItem("lipsmith.composition", kept);
  expect(savedComposition()).toEqual(EMPTY);
});
