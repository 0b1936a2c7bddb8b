import { answer, Problem, problemOf, service } from "../api/client";
import type { components } from "../api/schema";

export type TrackFields = Partial<components["schemas"]["TrackBody"]>;
export type Word = components["schemas"]["WordView"];

/** What is said and done: poses has a row of `columns` for each frame. */
export interface Track {
  id: string;
  fps: number;
  frames: number;
  duration_s: number;
  columns: readonly string[];
  poses: Float32Array;
  /** The address of the sound. */
  sound: string;
  words: readonly Word[];
  warnings: readonly string[];
  /** What it was made with. */
  motion: number;
  /** Equal for tracks that say the same in the same way. */
  said: string;
}

/** What comes later is left to the render. */
export const PREVIEWED_S = 179.5;

const KEPT = 12;
const NOT_HEARD = { expression: 0, motion: 0, blink: 0 };
const kept = new Map<string, Track>();

/** Have a track made, or take the one that was made for the same before. */
export async function makeTrack(fields: TrackFields, signal: AbortSignal): Promise<Track> {
  const key = JSON.stringify(fields);
  const known = kept.get(key);
  if (known) return known;
  const body = fields as components["schemas"]["TrackBody"];
  const view = await answer(service.POST("/v1/tracks", { body, signal }));
  const [frames = 25, seconds = 1] = view.fps;
  const track: Track = {
    ...view,
    fps: frames / seconds,
    poses: await readPoses(view.poses, signal),
    motion: fields.motion ?? 1,
    said: JSON.stringify({ ...fields, ...NOT_HEARD, heard: [view.duration_s, view.words] }),
  };
  kept.set(key, track);
  const oldest = kept.keys().next().value;
  if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
  return track;
}

async function readPoses(address: string, signal: AbortSignal): Promise<Float32Array> {
  let response: Response;
  try {
    response = await fetch(address, { credentials: "same-origin", signal });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem("offline", "The service does not answer.");
  }
  if (!response.ok) throw problemOf(response, await response.json().catch(() => null));
  const bytes = await response.arrayBuffer();
  return new Float32Array(bytes);
}
