import { expect, test } from "vitest";
import { spokenLength } from "./estimate";

test("nothing takes no time", () => {
  expect(spokenLength(" \n", null)).toBe(0);
});

test("a sentence takes about as long as it is heard", () => {
  // espeak-ng says this in 4.1 s.
  const text = "Hello! I am a still picture. Type anything, and I will say it.";
  expect(spokenLength(text, null)).toBeGreaterThan(3.2);
  expect(spokenLength(text, null)).toBeLessThan(6);
});

test("twice the rate takes about half the time", () => {
  const text = "word ".repeat(100);
  expect(spokenLength(text, 350) / spokenLength(text, 175)).toBeCloseTo(0.5, 1);
});

test("a letter of Chinese takes longer than one of English", () => {
  expect(spokenLength("你好这是我的声音", null)).toBeGreaterThan(spokenLength("good day", null));
});
