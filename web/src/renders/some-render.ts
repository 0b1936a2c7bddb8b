import type { Render } from "./render";

/** A render for tests. */
export function someRender(more: Partial<Render> = {}): Render {
  const { status = "done" } = more;
  return {
    id: "a",
    title: "A greeting",
    status,
    stage: status === "running" ? "render" : status,
    progress: status === "done" ? 1 : 0,
    fps: 0,
    eta_s: null,
    attempt: 1,
    created: "2026-01-01T10:00:00Z",
    changed: "2026-01-01T10:00:00Z",
    options: {},
    format: "mp4",
    error: null,
    report: null,
    links: {},
    ...more,
  };
}
