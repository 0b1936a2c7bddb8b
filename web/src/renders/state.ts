import type { RenderEvent } from "../api/events";
import { isOver, type Render } from "./render";

/** What the page knows of renders, from answers and from events, whatever order they come in. */
export interface RendersState {
  readonly byId: ReadonlyMap<string, Render>;
  /** The newest event of each render that was taken in. */
  readonly newest: ReadonlyMap<string, number>;
  /** Those that were deleted; what still tells of them comes too late. */
  readonly gone: ReadonlySet<string>;
}

export const NOTHING_KNOWN: RendersState = {
  byId: new Map(),
  newest: new Map(),
  gone: new Set(),
};

/** needsLook: the event alone does not tell how the render stands; ask the service. */
export interface AfterEvent {
  state: RendersState;
  needsLook: boolean;
}

export function withEvent(state: RendersState, event: RenderEvent): AfterEvent {
  const id = event.render;
  if (state.gone.has(id) || event.id <= (state.newest.get(id) ?? -1)) {
    return { state, needsLook: false };
  }
  const newest = new Map(state.newest).set(id, event.id);
  const known = state.byId.get(id);
  if (known === undefined) return { state: { ...state, newest }, needsLook: true };
  if (isOver(known.status)) {
    // Either this is told again from before, or it was tried again elsewhere.
    return { state: { ...state, newest }, needsLook: known.status !== event.status };
  }
  const changed: Render = {
    ...known,
    status: event.status,
    stage: event.stage,
    progress: Math.max(known.progress, event.progress),
    fps: event.fps,
    eta_s: event.eta_s,
    error: event.error,
  };
  const byId = new Map(state.byId).set(id, changed);
  return { state: { ...state, newest, byId }, needsLook: isOver(event.status) };
}

/** Take in what the service answered; answers may overtake each other, and events them. */
export function withAnswer(state: RendersState, answers: readonly Render[]): RendersState {
  const byId = new Map(state.byId);
  for (const render of answers) {
    const known = byId.get(render.id);
    if (!state.gone.has(render.id) && !(known && isOlder(render, known))) {
      byId.set(render.id, render);
    }
  }
  return { ...state, byId };
}

export function without(state: RendersState, ids: readonly string[]): RendersState {
  const byId = new Map(state.byId);
  for (const id of ids) byId.delete(id);
  return { ...state, byId, gone: new Set([...state.gone, ...ids]) };
}

/** The renders under way, those first that were asked for first. */
export function underWay(state: RendersState): Render[] {
  return [...state.byId.values()]
    .filter((render) => !isOver(render.status))
    .sort((a, b) => a.created.localeCompare(b.created));
}

function isOlder(answer: Render, known: Render): boolean {
  if (answer.attempt !== known.attempt) return answer.attempt < known.attempt;
  if (isOver(known.status) && !isOver(answer.status)) return true;
  return Date.parse(answer.changed) < Date.parse(known.changed);
}
