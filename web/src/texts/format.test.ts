import { expect, test } from "vitest";
import { ago, playingTime } from "./format";

test.each([
  [0.4, "0:01"],
  [7.9, "0:07"],
  [72, "1:12"],
  [3723, "1:02:03"],
])("%s seconds are written as players do", (seconds, written) => {
  expect(playingTime(seconds)).toBe(written);
});

test("how long ago something was", () => {
  const now = Date.parse("2026-03-10T12:00:00Z");
  expect(ago("2026-03-10T11:59:40Z", now)).toBe("just now");
  expect(ago("2026-03-10T11:58:10Z", now)).toBe("1 min. ago");
  expect(ago("2026-03-10T09:00:00Z", now)).toBe("3 hr. ago");
  expect(ago("2026-03-09T11:00:00Z", now)).toBe("yesterday");
  expect(ago("2026-02-01T12:00:00Z", now)).toContain("2026");
});
