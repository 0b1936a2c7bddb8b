import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { QUIET_MS, useTrack } from "./use-track";

/** The service, which answers when it is let. */
class Service {
  readonly asked: { body: { text?: string }; signal: AbortSignal; answer: () => void }[] = [];

  fetch = async (to: Request | string): Promise<Response> => {
    if (typeof to === "string") return new Response(new Float32Array([1, 2]).buffer);
    const body = (await to.json()) as { text?: string };
    return new Promise((resolve, reject) => {
      to.signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      this.asked.push({
        body,
        signal: to.signal,
        answer: () => resolve(Response.json(view(body.text ?? ""), { status: 201 })),
      });
    });
  };
}

function view(text: string) {
  const own = `/v1/tracks/${text}`;
  return {
    id: text,
    fps: [25, 1],
    frames: 1,
    duration_s: 0.04,
    columns: ["mouth.jaw_mm", "viseme"],
    sound: `${own}/sound`,
    poses: `${own}/poses`,
    voice: null,
    marks: [],
    words: [],
    warnings: [],
  };
}

let service: Service;

beforeEach(() => {
  vi.useFakeTimers();
  service = new Service();
  vi.stubGlobal("fetch", service.fetch);
});

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function pass(ms: number) {
  await act(() => vi.advanceTimersByTimeAsync(ms));
}

function typed(text: string) {
  return renderHook(({ text }) => useTrack(text ? { text } : null), { initialProps: { text } });
}

test("a track is asked for when typing rests, not with every letter", async () => {
  const { rerender, result } = typed("a1");
  await pass(QUIET_MS / 2);
  rerender({ text: "a1b" });
  await pass(QUIET_MS / 2);
  rerender({ text: "a1bc" });
  expect(result.current.isMaking).toBe(true);
  await pass(QUIET_MS + 1);
  expect(service.asked.map(({ body }) => body.text)).toEqual(["a1bc"]);
});

test("what is outdated is given up, and the last track stays until the next is there", async () => {
  const { rerender, result } = typed("b1");
  await pass(QUIET_MS + 1);
  await act(async () => service.asked[0]?.answer());
  await pass(1);
  expect(result.current.track?.id).toBe("b1");
  rerender({ text: "b2" });
  await pass(QUIET_MS + 1);
  rerender({ text: "b3" });
  expect(service.asked[1]?.signal.aborted).toBe(true);
  expect(result.current.track?.id).toBe("b1");
  await pass(QUIET_MS + 1);
  await act(async () => service.asked[2]?.answer());
  await pass(1);
  expect(result.current.track?.id).toBe("b3");
  expect(result.current.isMaking).toBe(false);
});

test("what was asked for before is there without asking", async () => {
  const { rerender, result } = typed("c1");
  await pass(QUIET_MS + 1);
  await act(async () => service.asked[0]?.answer());
  await pass(1);
  rerender({ text: "" });
  expect(result.current.track).toBeNull();
  rerender({ text: "c1" });
  await pass(QUIET_MS + 1);
  expect(result.current.track?.id).toBe("c1");
  expect(service.asked).toHaveLength(1);
});

test("a service that was away is asked again by itself", async () => {
  const away = vi.fn().mockRejectedValue(new TypeError("Failed to fetch"));
  vi.stubGlobal("fetch", away);
  const { result } = typed("d1");
  await pass(QUIET_MS + 1);
  expect(result.current.problem?.code).toBe("offline");
  vi.stubGlobal("fetch", service.fetch);
  await pass(5100);
  await pass(QUIET_MS + 1);
  await act(async () => service.asked[0]?.answer());
  await pass(1);
  expect(result.current.track?.id).toBe("d1");
  expect(result.current.problem).toBeNull();
});
