import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { followRenders, type RenderEvent } from "./events";
import { FakeConnection } from "./fake-connection";

const told: string[] = [];
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  FakeConnection.install();
  told.length = 0;
  stop = followRenders({
    onEvent: ({ id }: RenderEvent) => told.push(`event ${id}`),
    onOpen: () => told.push("open"),
    onLost: () => told.push("lost"),
  });
});

afterEach(() => {
  stop();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("events come over one connection", () => {
  FakeConnection.last.tell("begin", 4);
  FakeConnection.last.tell("progress", 5, { id: 5 });
  FakeConnection.last.tell("progress", 6, { id: 6 });
  expect(told).toEqual(["open", "event 5", "event 6"]);
  expect(FakeConnection.all.map(({ url }) => url)).toEqual(["/v1/events"]);
});

test("a lost connection is taken up behind the last event", () => {
  FakeConnection.last.tell("begin", 4);
  FakeConnection.last.tell("progress", 7, { id: 7 });
  FakeConnection.last.onerror?.();
  expect(FakeConnection.last.isOpen).toBe(false);
  vi.advanceTimersByTime(1000);
  expect(FakeConnection.last.url).toBe("/v1/events?after=7");
  FakeConnection.last.tell("begin", 7);
  expect(told).toEqual(["open", "event 7", "lost", "open"]);
});

test("one that broke before anything came is taken up where it began", () => {
  FakeConnection.last.tell("begin", 4);
  FakeConnection.last.onerror?.();
  vi.advanceTimersByTime(1000);
  expect(FakeConnection.last.url).toBe("/v1/events?after=4");
});

test("while the service is away it is tried more and more seldom", () => {
  for (let seconds = 0; seconds < 60; seconds += 1) {
    if (FakeConnection.last.isOpen) FakeConnection.last.onerror?.();
    vi.advanceTimersByTime(1000);
  }
  expect(FakeConnection.all.length).toBeGreaterThan(6);
  expect(FakeConnection.all.length).toBeLessThan(15);
});

test("a connection over which nothing comes any more is lost", () => {
  FakeConnection.last.tell("begin", 4);
  vi.advanceTimersByTime(10_000);
  FakeConnection.last.tell("ping", 4);
  vi.advanceTimersByTime(10_000);
  expect(told).toEqual(["open"]);
  vi.advanceTimersByTime(5000);
  expect(told).toEqual(["open", "lost"]);
  expect(FakeConnection.all).toHaveLength(2);
});

test("who is back on a network does not wait", () => {
  FakeConnection.last.onerror?.();
  dispatchEvent(new Event("online"));
  expect(FakeConnection.all).toHaveLength(2);
  vi.advanceTimersByTime(1000);
  expect(FakeConnection.all).toHaveLength(2);
});

test("after the end nothing is opened again", () => {
  stop();
  FakeConnection.last.onerror?.();
  vi.advanceTimersByTime(60_000);
  expect(FakeConnection.all).toHaveLength(1);
});
