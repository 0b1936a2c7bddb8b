import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { VoicePicker } from "./voice-picker";
import type { Voice } from "./voices";

const VOICES = ["de German", "en-us English (America)", "fr-fr French (France)"].map(
  (line): Voice => ({
    engine: "espeak",
    name: line.split(" ")[0] ?? "",
    language: line.split(" ")[0] ?? "",
    label: line.slice(line.indexOf(" ") + 1),
    gender: "male",
    quality: "robotic",
    licence: "",
    online: false,
    timing: "phones",
  }),
);

afterEach(cleanup);

function setUp() {
  Element.prototype.scrollIntoView = () => {};
  const onChoose = vi.fn();
  render(<VoicePicker voices={VOICES} chosen="en-us" character="" onChoose={onChoose} />);
  return { onChoose, box: screen.getByRole<HTMLInputElement>("combobox"), user: userEvent.setup() };
}

test("a voice is found and chosen with the keyboard alone", async () => {
  const { onChoose, box, user } = setUp();
  await user.tab();
  await user.keyboard("{ArrowDown}");
  expect(screen.getAllByRole("option")).toHaveLength(3);
  await user.keyboard("fran");
  expect(screen.getByRole("option").textContent).toContain("French");
  await user.keyboard("{Enter}");
  expect(onChoose).toHaveBeenCalledWith("fr-fr");
  expect(box.getAttribute("aria-expanded")).toBe("false");
});

test("Escape leaves everything as it was", async () => {
  const { onChoose, box, user } = setUp();
  await user.click(box);
  await user.keyboard("ger{Escape}");
  expect(screen.queryByRole("option")).toBeNull();
  expect(box.value).toBe("English (America)");
  expect(onChoose).not.toHaveBeenCalled();
});

test("the box tells readers which voice the arrows are at", async () => {
  const { box, user } = setUp();
  await user.click(box);
  await user.keyboard("{Home}");
  const active = document.getElementById(box.getAttribute("aria-activedescendant") ?? "");
  expect(active?.getAttribute("role")).toBe("option");
});

test("a search that finds nothing says so", async () => {
  const { box, user } = setUp();
  await user.click(box);
  await user.keyboard("klingon");
  expect(screen.getByText(/No voice/)).toBeTruthy();
});
