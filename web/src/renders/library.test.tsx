import { act, cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeConnection } from "../api/fake-connection";
import { LibraryPage } from "./page";
import type { Render } from "./render";
import { someRender } from "./some-render";
import { Tray } from "./tray";

/** What the service keeps, and what it was asked. */
let kept: Render[];
let asked: string[];

beforeEach(() => {
  asked = [];
  kept = [
    someRender({ id: "b", title: "Harbour news", created: "2026-01-02T10:00:00Z" }),
    someRender({ id: "a", title: "A greeting", created: "2026-01-01T10:00:00Z" }),
  ];
  location.hash = "#/library";
  FakeConnection.install();
  vi.stubGlobal("IntersectionObserver", Watcher);
  vi.stubGlobal("ResizeObserver", Watcher);
  vi.stubGlobal("fetch", serve);
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

class Watcher {
  observe() {}
  disconnect() {}
}

async function serve(request: Request): Promise<Response> {
  const url = new URL(request.url);
  asked.push(`${request.method} ${url.pathname}${url.search}`);
  const id = url.pathname.split("/")[3];
  if (id === undefined) return Response.json(found(url.searchParams));
  const one = kept.find((each) => each.id === id);
  if (!one) return Response.json({ code: "not-found", detail: "there is none" }, { status: 404 });
  if (request.method === "DELETE") {
    kept = kept.filter((each) => each.id !== id);
    return new Response(null, { status: 204 });
  }
  if (request.method === "PATCH") one.title = (await request.json()).title;
  return Response.json(one);
}

function found(query: URLSearchParams) {
  const search = query.get("search")?.toLowerCase() ?? "";
  const statuses = query.getAll("status");
  const meant = kept.filter(
    ({ title, status }) =>
      title.toLowerCase().includes(search) && (statuses.length === 0 || statuses.includes(status)),
  );
  return { renders: meant, next: null };
}

async function open() {
  render(
    <>
      <LibraryPage open={null} />
      <Tray />
    </>,
  );
  act(() => FakeConnection.last.tell("begin", 0));
  await screen.findByRole("list", { name: "Library" });
  return userEvent.setup();
}

function cards(): string[] {
  const grid = screen.getByRole("list", { name: "Library" });
  return within(grid)
    .getAllByRole("link")
    .map((link) => link.textContent ?? "");
}

test("past renders are shown, the newest first", async () => {
  await open();
  expect(cards()).toEqual(["Harbour news", "A greeting"]);
});

test("a render that begins elsewhere appears, and its progress is told", async () => {
  await open();
  kept.unshift(
    someRender({ id: "c", title: "New", status: "running", created: "2026-01-03T10:00:00Z" }),
  );
  const event = { render: "c", status: "running", stage: "render", fps: 92, eta_s: 6, error: null };
  act(() => FakeConnection.last.tell("progress", 1, { ...event, id: 1, progress: 0.1 }));
  await waitFor(() => expect(cards()).toEqual(["New", "Harbour news", "A greeting"]));
  act(() => FakeConnection.last.tell("progress", 2, { ...event, id: 2, progress: 0.41 }));
  const [bar] = screen.getAllByRole("progressbar", { name: "Progress of New" });
  expect(bar?.getAttribute("aria-valuenow")).toBe("41");
  expect(bar?.getAttribute("aria-valuetext")).toBe("41%, Drawing frames, 92 frames/s · 6 s left");
});

test("when the service is gone the page says so, and reads the list once when it is back", async () => {
  await open();
  asked = [];
  act(() => FakeConnection.last.onerror?.());
  expect(await screen.findByText(/Reconnecting/, { selector: "strong" })).toBeTruthy();
  kept.unshift(someRender({ id: "c", title: "Made meanwhile", created: "2026-01-03T10:00:00Z" }));
  asked = [];
  act(() => {
    dispatchEvent(new Event("online"));
    FakeConnection.last.tell("begin", 0);
  });
  await waitFor(() => expect(cards()[0]).toBe("Made meanwhile"));
  expect(screen.queryByText(/Reconnecting/, { selector: "strong" })).toBeNull();
  expect(asked.filter((each) => each.endsWith("?limit=24"))).toHaveLength(1);
});

test("when the key is not taken any more the page says so", async () => {
  await open();
  vi.stubGlobal("fetch", async () => Response.json({ code: "unauthorised" }, { status: 401 }));
  act(() => FakeConnection.last.onerror?.());
  expect(await screen.findByText(/does not take your key/)).toBeTruthy();
});

test("what is typed is searched for once, when the typing stops", async () => {
  const user = await open();
  asked = [];
  await user.type(screen.getByRole("searchbox"), "harb");
  await waitFor(() => expect(cards()).toEqual(["Harbour news"]));
  expect(asked).toEqual(["GET /v1/renders?limit=24&search=harb"]);
  await user.type(screen.getByRole("searchbox"), "xyz");
  await user.click(await screen.findByRole("button", { name: "Show everything" }));
  await waitFor(() => expect(cards()).toHaveLength(2));
});

test("nothing is deleted before it is said twice", async () => {
  const user = await open();
  await user.click(screen.getByRole("button", { name: "Delete A greeting" }));
  const dialog = screen.getByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Keep" }));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(kept).toHaveLength(2);
  await user.click(screen.getByRole("button", { name: "Delete A greeting" }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(cards()).toEqual(["Harbour news"]));
  expect(kept).toHaveLength(1);
});

test("several are selected and deleted together", async () => {
  const user = await open();
  await user.click(screen.getByRole("checkbox", { name: "Select A greeting" }));
  await user.click(screen.getByRole("checkbox", { name: "Select Harbour news" }));
  expect(screen.getByText("2 selected")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Delete" }));
  await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: "Delete" }));
  expect(await screen.findByText("Nothing here yet")).toBeTruthy();
});

test("a title is changed in its place, and Esc leaves it", async () => {
  const user = await open();
  await user.click(screen.getByRole("button", { name: "Rename A greeting" }));
  await user.keyboard("Nope{Escape}");
  expect(cards()).toEqual(["Harbour news", "A greeting"]);
  await user.click(screen.getByRole("button", { name: "Rename A greeting" }));
  await user.clear(screen.getByRole("textbox", { name: "Title" }));
  await user.keyboard("Good morning{Enter}");
  await waitFor(() => expect(cards()).toEqual(["Harbour news", "Good morning"]));
  expect(kept[1]?.title).toBe("Good morning");
});

test("a filter shows what has this state at this moment", async () => {
  kept.unshift(someRender({ id: "c", title: "New", status: "running" }));
  const user = await open();
  await user.click(screen.getByRole("radio", { name: "Under way" }));
  await waitFor(() => expect(cards()).toEqual(["New"]));
  const [first] = kept;
  kept[0] = { ...(first as Render), status: "done", changed: "2026-01-05T10:00:00Z" };
  const event = { render: "c", status: "done", stage: "done", progress: 1, fps: 0, eta_s: null };
  act(() => FakeConnection.last.tell("progress", 1, { ...event, id: 1, error: null }));
  expect(await screen.findByText("Nothing found")).toBeTruthy();
});
