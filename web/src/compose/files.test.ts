import { expect, test } from "vitest";
import { isVideo, useOf } from "./files";

test.each([
  ["a.jpg", "image/jpeg", "picture"],
  ["a.HEIC", "", "picture"],
  ["a.mp4", "video/mp4", "picture"],
  ["a.mkv", "", "picture"],
  ["a.mp3", "audio/mpeg", "sound"],
  ["a.opus", "", "sound"],
  ["a.txt", "text/plain", "text"],
  ["a.pdf", "application/pdf", null],
])("%s of type %o is for %s", (name, type, use) => {
  expect(useOf(new File(["x"], name, { type }))).toBe(use);
});

test("an audio file is no video, whatever its name", () => {
  expect(isVideo(new File(["x"], "a.webm", { type: "audio/webm" }))).toBe(false);
});
