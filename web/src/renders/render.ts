import type { components } from "../api/schema";

export type RenderStatus = components["schemas"]["JobStatus"];

/** A render as the service tells of it. progress: 0..1. eta_s: seconds left, when known. */
export type Render = components["schemas"]["RenderView"];

/** What was made, and how fast. */
export type Report = components["schemas"]["ReportView"];

export function isOver(status: RenderStatus): boolean {
  return status !== "queued" && status !== "running";
}

/** The path of one of its results below this page's own host. */
export function resultPath(id: string, kind: string): string {
  return `/v1/renders/${encodeURIComponent(id)}/${kind}`;
}

/** Whether there is such a result: "video", "subtitles", "visemes", "poster" or "report". */
export function hasResult(render: Render, kind: string): boolean {
  return kind in render.links;
}
