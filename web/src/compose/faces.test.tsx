import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { FaceOutlines, problemWords } from "./faces";
import type { Face, Faces } from "./portraits";

function face(number: number | null, more: Partial<Face> = {}): Face {
  const turned = { yaw_deg: 0, pitch_deg: 0, roll_deg: 0 };
  const box: Face["box"] = [100 * (number ?? 5), 50, 80, 100];
  return { number, box, ...turned, problem: null, warnings: [], ...more };
}

function faces(...found: Face[]): Faces {
  return { width: 1000, height: 500, is_video: false, faces: found, problem: null };
}

afterEach(cleanup);

test("who talks is chosen with a click or with the arrows", async () => {
  const onChoose = vi.fn();
  const user = userEvent.setup();
  const two = faces(face(0), face(1));
  render(<FaceOutlines faces={two} chosen={0} isQuiet={false} onChoose={onChoose} />);
  const [first, second] = screen.getAllByRole<HTMLInputElement>("radio");
  expect(first?.checked).toBe(true);
  if (second) await user.click(second);
  expect(onChoose).toHaveBeenCalledWith(1);
  expect(screen.getByRole("group", { name: "Who talks" })).toBeTruthy();
});

test("a face that cannot talk cannot be chosen, and says why", () => {
  const turned = face(null, { problem: { code: "turned-away", detail: "" } });
  render(
    <FaceOutlines faces={faces(face(0), turned)} chosen={0} isQuiet={false} onChoose={vi.fn()} />,
  );
  expect(screen.getAllByRole("radio")).toHaveLength(1);
  expect(screen.getByText(/cannot talk.*turned away/)).toBeTruthy();
});

test("outlines lie on the faces whatever the size on the screen", () => {
  render(<FaceOutlines faces={faces(face(1))} chosen={1} isQuiet={false} onChoose={vi.fn()} />);
  const { style } = screen.getByRole("radio").parentElement as HTMLElement;
  expect([style.left, style.top, style.width, style.height]).toEqual(["10%", "10%", "8%", "20%"]);
});

test("what the page has no words for is said in the service's", () => {
  expect(problemWords({ code: "new", detail: "The hat is too large." })).toBe(
    "The hat is too large.",
  );
});
