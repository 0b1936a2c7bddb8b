import { expect, test } from "vitest";
import { toVtt } from "./subtitles";

test("SubRip becomes WebVTT", () => {
  const srt =
    "\uFEFF1\r\n00:00:00,500 --> 00:00:02,000\r\nHello, 1,500 people.\r\n\r\n2\r\n00:00:02,000 --> 00:00:03,250\r\nTwo\r\nlines\r\n";
  expect(toVtt(srt)).toBe(
    "WEBVTT\n\n00:00:00.500 --> 00:00:02.000\nHello, 1,500 people.\n\n00:00:02.000 --> 00:00:03.250\nTwo\nlines\n",
  );
});

test("a line of words that is a number stays", () => {
  expect(toVtt("7\n00:00:00,000 --> 00:00:01,000\n42\n")).toBe(
    "WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n42\n",
  );
});

test("WebVTT stays as it is", () => {
  expect(toVtt("WEBVTT\n\n00:00.000 --> 00:01.000\nHi\n")).toBe(
    "WEBVTT\n\n00:00.000 --> 00:01.000\nHi\n",
  );
});

test("no words are no cues", () => {
  expect(toVtt("").trim()).toBe("WEBVTT");
});
