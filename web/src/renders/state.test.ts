import { expect, test } from "vitest";
import type { RenderEvent } from "../api/events";
import { someRender } from "./some-render";
import {
  NOTHING_KNOWN,
  type RendersState,
  underWay,
  withAnswer,
  withEvent,
  without,
} from "./state";

function event(id: number, more: Partial<RenderEvent> = {}): RenderEvent {
  return {
    id,
    render: "a",
    status: "running",
    stage: "render",
    progress: 0.5,
    fps: 90,
    eta_s: 4,
    error: null,
    ...more,
  };
}

const running = withAnswer(NOTHING_KNOWN, [someRender({ id: "a", status: "running" })]);

function after(state: RendersState, ...events: RenderEvent[]): RendersState {
  return events.reduce((before, next) => withEvent(before, next).state, state);
}

test("progress is taken in", () => {
  expect(after(running, event(1)).byId.get("a")).toMatchObject({
    progress: 0.5,
    fps: 90,
    eta_s: 4,
  });
});

test("an event that comes twice or late changes nothing", () => {
  const state = after(running, event(5, { progress: 0.8 }));
  expect(withEvent(state, event(5, { progress: 0.1 })).state).toBe(state);
  expect(withEvent(state, event(3, { progress: 0.1 })).state).toBe(state);
});

test("a bar never goes back while a render is under way", () => {
  const state = after(running, event(1, { progress: 0.8 }), event(2, { progress: 0.6, eta_s: 9 }));
  expect(state.byId.get("a")).toMatchObject({ progress: 0.8, eta_s: 9 });
});

test("what came of it is asked for when it is over", () => {
  const { state, needsLook } = withEvent(running, event(1, { status: "done", progress: 1 }));
  expect(needsLook).toBe(true);
  expect(state.byId.get("a")?.status).toBe("done");
});

test("what happened before the end does not bring a render back when it is told again", () => {
  const done = withAnswer(NOTHING_KNOWN, [someRender({ id: "a", status: "done" })]);
  const told = withEvent(done, event(7, { status: "running" }));
  expect(told.state.byId.get("a")?.status).toBe("done");
  expect(told.needsLook).toBe(true);
});

test("a render that nobody knew of is asked for", () => {
  const told = withEvent(NOTHING_KNOWN, event(1, { render: "new" }));
  expect(told.needsLook).toBe(true);
  expect(told.state.byId.size).toBe(0);
});

test("an answer from before the end does not undo it", () => {
  const state = after(running, event(1, { status: "failed" }));
  const late = someRender({ id: "a", status: "running", progress: 0.2 });
  expect(withAnswer(state, [late]).byId.get("a")?.status).toBe("failed");
});

test("of two answers the one that was changed last stands", () => {
  const early = someRender({ id: "a", title: "Old", changed: "2026-01-01T10:00:00.100Z" });
  const late = someRender({ id: "a", title: "New", changed: "2026-01-01T10:00:00.2+00:00" });
  const both = withAnswer(withAnswer(NOTHING_KNOWN, [late]), [early]);
  expect(both.byId.get("a")?.title).toBe("New");
});

test("another try begins anew", () => {
  const failed = withAnswer(NOTHING_KNOWN, [someRender({ id: "a", status: "failed" })]);
  const again = someRender({ id: "a", status: "queued", progress: 0, attempt: 2 });
  const state = withAnswer(failed, [again]);
  expect(state.byId.get("a")).toMatchObject({ status: "queued", progress: 0 });
  expect(after(state, event(9, { progress: 0.1 })).byId.get("a")?.progress).toBe(0.1);
});

test("what was deleted does not come back", () => {
  const state = without(running, ["a"]);
  expect(withEvent(state, event(1))).toEqual({ state, needsLook: false });
  expect(withAnswer(state, [someRender({ id: "a" })]).byId.size).toBe(0);
});

test("what is under way is told in the order that it was asked for", () => {
  const state = withAnswer(NOTHING_KNOWN, [
    someRender({ id: "late", status: "queued", created: "2026-01-01T10:00:02Z" }),
    someRender({ id: "over", status: "done" }),
    someRender({ id: "early", status: "running", created: "2026-01-01T10:00:01Z" }),
  ]);
  expect(underWay(state).map(({ id }) => id)).toEqual(["early", "late"]);
});
