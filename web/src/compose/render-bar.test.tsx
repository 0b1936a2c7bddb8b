import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { RenderBar } from "./render-bar";

afterEach(cleanup);

function setUp(props: Partial<Parameters<typeof RenderBar>[0]>) {
  const onRender = vi.fn();
  const onMissing = vi.fn();
  const rest = { missing: null, isSending: false, isFaceless: false, onRender, onMissing };
  render(<RenderBar {...rest} {...props} />);
  const button = screen.getByRole("button", { name: "Render video" });
  return { onRender, onMissing, button, user: userEvent.setup() };
}

test("renders when nothing is missing", async () => {
  const { onRender, button, user } = setUp({});
  await user.click(button);
  expect(onRender).toHaveBeenCalledOnce();
});

test.each([
  [{ missing: "source" as const }, "First, a picture."],
  [{ missing: "words" as const }, "Now the words."],
  [{ isSending: true }, "The files are still being sent."],
  [{ isFaceless: true }, "This picture has no face that can talk."],
])("says what is missing, and leads there instead: %o", async (props, told) => {
  const { onRender, onMissing, button, user } = setUp(props);
  expect(screen.getByRole("status").textContent).toBe(told);
  expect(button.getAttribute("aria-disabled")).toBe("true");
  await user.click(button);
  expect(onRender).not.toHaveBeenCalled();
  expect(onMissing).toHaveBeenCalledOnce();
});
