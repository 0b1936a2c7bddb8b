import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { Toasts } from "../ui/toasts";
import { LibraryPage } from "./page";
import type { Render } from "./render";
import { someRender } from "./some-render";

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const SRT = "1\n00:00:00,000 --> 00:00:01,000\nHello.\n";
const report = {
  duration_s: 7.4,
  elapsed_s: 3.7,
  engine: "rig",
  fps: 25,
  frames: 185,
  height: 512,
  width: 384,
  marks: [],
  realtime_factor: 0.5,
  seed: 0,
  voice: "en-us",
  warnings: ["text: one word is not known"],
};

/** Show a render's page, with a service that knows it, or answers otherwise. */
async function open(shown: Render, more: (request: Request) => Response | null = () => null) {
  vi.stubGlobal("fetch", async (input: Request | string) => {
    if (typeof input === "string") return new Response(SRT);
    return more(input) ?? Response.json(shown);
  });
  render(<LibraryPage open={shown.id} />);
  await screen.findByRole("heading", { level: 1, name: shown.title });
}

test("the report is told in words", async () => {
  await open(someRender({ id: "told", report }));
  const rows = screen
    .getAllByRole("term")
    .map((term) => [term.textContent, term.nextElementSibling?.textContent]);
  expect(Object.fromEntries(rows)).toMatchObject({
    Length: "0:07",
    Size: "384 × 512 px",
    Frames: "185 at 25 a second",
    Engine: "rig",
    Voice: "en-us",
    Speed: "3.7 s, 2× as fast as it plays",
  });
  expect(screen.getByText("One word is not known.")).toBeTruthy();
});

test("only what there is can be downloaded beside the video", async () => {
  await open(someRender({ id: "beside", report, links: { video: "", poster: "" } }));
  const links = screen.getAllByRole("link").map((link) => link.getAttribute("href"));
  expect(links).toContain("/v1/renders/beside/video");
  expect(links).toContain("/v1/renders/beside/video?format=gif");
  expect(links).toContain("/v1/renders/beside/poster");
  expect(links).not.toContain("/v1/renders/beside/subtitles");
});

test("no video is offered of a GIF, which has no sound", async () => {
  await open(someRender({ id: "moving", report, format: "gif", links: { video: "" } }));
  expect(screen.getByRole("link", { name: /GIF/ })).toBeTruthy();
  expect(screen.queryByRole("link", { name: /MP4/ })).toBeNull();
  expect(document.querySelector("video")).toBeNull();
});

test("a format that cannot be made says why", async () => {
  await open(someRender({ id: "odd", report, links: { video: "" } }));
  vi.stubGlobal("fetch", async () =>
    Response.json(
      { code: "invalid-option", detail: "this is too long for a GIF" },
      { status: 422 },
    ),
  );
  render(<Toasts />);
  await userEvent.click(screen.getByRole("link", { name: /GIF/ }));
  expect(await screen.findByText("this is too long for a GIF")).toBeTruthy();
});

test("subtitles are shown, also when the service has SubRip", async () => {
  let shown = "";
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    void (blob as Blob).text().then((text) => {
      shown = text;
    });
    return "blob:made";
  });
  await open(someRender({ id: "said", report, links: { video: "", subtitles: "" } }));
  await vi.waitFor(() => expect(document.querySelector("track")?.src).toContain("blob:made"));
  expect(shown).toContain("00:00:00.000 --> 00:00:01.000\nHello.");
});

test("a failure says why, and leads to what mends it", async () => {
  const error = { code: "invalid-face", message: "portrait: no face was found" };
  await open(someRender({ id: "cat", status: "failed", error }));
  expect(screen.getByText("No face was found.")).toBeTruthy();
  expect(screen.getByRole("link", { name: /Change it/ }).getAttribute("href")).toBe("#/again/cat");
  expect(screen.queryByRole("button", { name: /Try again/ })).toBeNull();
});

test("what was cancelled is tried again", async () => {
  const again = someRender({ id: "stopped", status: "queued", attempt: 2 });
  await open(someRender({ id: "stopped", status: "cancelled" }), (request) =>
    request.method === "POST" ? Response.json(again) : null,
  );
  await userEvent.click(screen.getByRole("button", { name: /Try again/ }));
  expect(await screen.findByRole("progressbar")).toBeTruthy();
});

test("a link to share is made for as long as one chooses", async () => {
  let asked: unknown;
  await open(someRender({ id: "shared", report }), (request) => {
    if (!request.url.endsWith("/share")) return null;
    void request.json().then((body) => {
      asked = body;
    });
    return Response.json({
      url: "https://films.example/share/abc",
      expires: "2026-02-01T00:00:00Z",
    });
  });
  await userEvent.selectOptions(screen.getByRole("combobox"), "Works for 1 day");
  await userEvent.click(screen.getByRole("button", { name: "Make a link" }));
  const field = await screen.findByRole("textbox", { name: "Link" });
  expect((field as HTMLInputElement).value).toBe("https://films.example/share/abc");
  expect(asked).toEqual({ hours: 24 });
  expect(screen.getByRole("link", { name: "Open" }).getAttribute("target")).toBe("_blank");
});

test("a render that is not there is no riddle", async () => {
  vi.stubGlobal("fetch", async () => Response.json({ code: "not-found" }, { status: 404 }));
  render(<LibraryPage open="nowhere" />);
  expect(await screen.findByText("There is no such video")).toBeTruthy();
});

test("an answer that does not come can be asked for again", async () => {
  let isThere = false;
  vi.stubGlobal("fetch", async () =>
    isThere
      ? Response.json(someRender({ id: "late", report }))
      : Response.json({ code: "failed", detail: "the service failed" }, { status: 500 }),
  );
  render(<LibraryPage open="late" />);
  expect(await screen.findByText("the service failed")).toBeTruthy();
  isThere = true;
  await act(async () => screen.getByRole("button", { name: "Try again" }).click());
  expect(await screen.findByRole("heading", { name: "A greeting" })).toBeTruthy();
});
