import { describe, expect, test } from "vitest";
import { lineAround, startOfChange, wordAt } from "./words";

const said = (text: string) =>
  text.split(" ").map((word, i) => ({ text: word, start_s: i + 0.5, end_s: i + 1.2 }));

test("the word of a moment, the last one in a pause, none before the first", () => {
  const words = said("one two three");
  expect([0, 0.5, 1.3, 1.5, 99].map((time) => wordAt(words, time))).toEqual([-1, 0, 0, 1, 2]);
  expect(wordAt([], 1)).toBe(-1);
});

describe("what is new is heard from its first word", () => {
  test.each([
    ["one two", "one two three", 2.5],
    ["one two three", "one other three", 1.5],
    ["", "one", 0.5],
    ["one two", "one", 0],
    ["one two", "one two", 0],
  ])("%o, then %o", (before, now, start) => {
    expect(startOfChange(before ? said(before) : [], said(now))).toBe(start);
  });
});

test("the line below the picture has the word that is said, whole words, and not too many", () => {
  const words = said("a quick brown fox jumps over the lazy dog");
  for (let current = -1; current < words.length; current++) {
    const line = lineAround(words, current, 15);
    const shown = line.words.map(({ text }) => text).join(" ");
    expect(shown.length).toBeLessThanOrEqual(15);
    if (current >= 0) {
      expect(current).toBeGreaterThanOrEqual(line.first);
      expect(current).toBeLessThan(line.first + line.words.length);
    }
  }
});
