import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Problem } from "../api/client";
import { FakeConnection } from "../api/fake-connection";
import type { Render } from "./render";
import { someRender } from "./some-render";
import { type RenderFields, startRender } from "./start";
import { Tray } from "./tray";

/** A request as browsers have it; the test says what is answered. */
class FakeRequest {
  static all: FakeRequest[] = [];
  upload = {};
  headers: Record<string, string> = {};
  status = 0;
  statusText = "";
  responseText = "";
  body = "";
  onload = () => {};
  onerror = () => {};
  onabort = () => {};

  constructor() {
    FakeRequest.all.push(this);
  }

  open() {}

  setRequestHeader(name: string, value: string) {
    this.headers[name] = value;
  }

  getResponseHeader() {
    return null;
  }

  send(body: string) {
    this.body = body;
  }

  abort() {
    this.onabort();
  }

  answer(status: number, told: object) {
    this.status = status;
    this.responseText = JSON.stringify(told);
    this.onload();
  }
}

beforeEach(() => {
  location.hash = "#/";
  FakeRequest.all = [];
  FakeConnection.install();
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
  vi.stubGlobal("fetch", async () => Response.json({ renders: [], next: null }));
  render(<Tray />);
  act(() => FakeConnection.last.tell("begin", 0));
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

/** Ask for a render, as the composer does. */
function start(fields: RenderFields): Promise<Render | Problem | null> {
  let started: Promise<Render | null> | undefined;
  act(() => {
    started = startRender(fields);
  });
  return (started as Promise<Render | null>).catch((error: Problem) => error);
}

function request(index = 0): FakeRequest {
  const found = FakeRequest.all[index];
  if (!found) throw new Error("nothing was sent");
  return found;
}

test("a render is in the tray before the service has answered, and stays there", async () => {
  const started = start({ text: "Good morning.\nAnd more.", portrait: "file_1" });
  expect(
    await screen.findByRole("progressbar", { name: "Progress of Good morning." }),
  ).toBeTruthy();
  expect(JSON.parse(request().body)).toEqual({
    text: "Good morning.\nAnd more.",
    portrait: "file_1",
  });
  act(() =>
    request().answer(201, someRender({ id: "new", title: "Good morning.", status: "queued" })),
  );
  expect(await started).toMatchObject({ id: "new" });
  expect(screen.getByText("Waiting for its turn")).toBeTruthy();
});

test("what could not be sent is kept, and is the same request when it is sent again", async () => {
  const failed = start({ text: "Hello." });
  act(() => request().onerror());
  expect(await failed).toMatchObject({ code: "offline" });
  await userEvent.click(screen.getByRole("button", { name: "Try again: Hello." }));
  expect(request(1).headers["Idempotency-Key"]).toBe(request(0).headers["Idempotency-Key"]);
  act(() => request(1).answer(201, someRender({ id: "new", title: "Hello.", status: "queued" })));
  expect(await screen.findByText("Waiting for its turn")).toBeTruthy();
});

test("what must be changed is not kept", async () => {
  const failed = start({ text: "Hello." });
  act(() => request().answer(422, { code: "invalid-text", detail: "it cannot be said" }));
  expect(await failed).toMatchObject({ code: "invalid-text", message: "it cannot be said" });
  expect(screen.queryByText("Hello.")).toBeNull();
});

test("what is taken back on its way is no failure", async () => {
  const started = start({ text: "Hello." });
  await userEvent.click(await screen.findByRole("button", { name: "Cancel Hello." }));
  expect(await started).toBeNull();
  expect(screen.queryByText("Hello.")).toBeNull();
});

test("two different renders are two requests", () => {
  void start({ text: "One." });
  void start({ text: "Two." });
  const keys = FakeRequest.all.map(({ headers }) => headers["Idempotency-Key"]);
  expect(new Set(keys).size).toBe(2);
});
