import { useSyncExternalStore } from "react";
import { Problem } from "../api/client";
import { followRenders } from "../api/events";
import { findRenders, lookAt } from "./calls";
import { isOver, type Render } from "./render";
import {
  NOTHING_KNOWN,
  type RendersState,
  underWay,
  withAnswer,
  withEvent,
  without,
} from "./state";

/** refused: the service is there, and does not take the key any more. */
export type Connection = "opening" | "live" | "lost" | "refused";

/**
 * readings: rises when everything should be read anew, since something may have been missed.
 * ended: what ended while one was here.
 */
export interface Live extends RendersState {
  readonly connection: Connection;
  readonly readings: number;
  readonly ended: readonly string[];
}

const MOST = 200;
const NOTHING: Live = { ...NOTHING_KNOWN, connection: "opening", readings: 0, ended: [] };
let live = NOTHING;
const watchers = new Set<() => void>();
const looking = new Map<string, boolean>();
/** Renders that were heard of while under way, and may be over when one has looked at them. */
const heard = new Set<string>();

/** All that is known of renders; the component is drawn again when it changes. */
export function useRenders(): Live {
  return useSyncExternalStore(watch, currentRenders);
}

export function currentRenders(): Live {
  return live;
}

/** Follow what happens to renders, until the returned function is called. */
export function startFollowing(): () => void {
  const stop = followRenders({
    onEvent: (event) => {
      const { state, needsLook } = withEvent(live, event);
      if (needsLook && !isOver(event.status)) heard.add(event.render);
      change({ ...live, ...state });
      if (needsLook) void look(event.render);
    },
    onOpen: () => {
      const isFirst = live.connection === "opening";
      change({ ...live, connection: "live", readings: live.readings + (isFirst ? 0 : 1) });
      void readUnderWay();
    },
    onLost: () => void findOut(),
  });
  return () => {
    stop();
    looking.clear();
    heard.clear();
    change(NOTHING);
  };
}

/** Take in what the service answered. */
export function learn(...renders: Render[]): void {
  change({ ...live, ...withAnswer(live, renders) });
}

export function forget(...ids: string[]): void {
  change({ ...live, ...without(live, ids), ended: live.ended.filter((id) => !ids.includes(id)) });
}

/** It was noticed that these ended. */
export function dismiss(...ids: string[]): void {
  if (live.ended.some((id) => ids.includes(id))) {
    change({ ...live, ended: live.ended.filter((id) => !ids.includes(id)) });
  }
}

/** Ask how a render stands, once at a time for each; gives what went wrong. */
export async function look(id: string): Promise<unknown> {
  if (looking.has(id)) {
    looking.set(id, true);
    return null;
  }
  let problem: unknown = null;
  do {
    looking.set(id, false);
    try {
      learn(await lookAt(id));
    } catch (error) {
      if (error instanceof Problem && error.status === 404) forget(id);
      else problem = error;
    }
  } while (looking.get(id));
  looking.delete(id);
  return problem;
}

/** A stream tells nothing of why it broke. */
async function findOut(): Promise<void> {
  let connection: Connection = "lost";
  if (live.connection === "live") change({ ...live, connection });
  try {
    await findRenders({ search: "", statuses: [] }, { limit: 1 });
  } catch (error) {
    if (error instanceof Problem && error.status === 401) connection = "refused";
  }
  if (live.connection !== "live") change({ ...live, connection });
}

/** What ended while nobody told is found out, too. */
async function readUnderWay(): Promise<void> {
  try {
    const { renders } = await findRenders(
      { search: "", statuses: ["queued", "running"] },
      { limit: MOST },
    );
    learn(...renders);
    const found = new Set(renders.map(({ id }) => id));
    for (const { id } of underWay(live)) if (!found.has(id)) void look(id);
  } catch {
    // The stream is lost with the service, and then it is all read again.
  }
}

function change(to: Live): void {
  const ended = [...to.byId.values()].filter((render) => {
    const known = live.byId.get(render.id);
    const wasUnderWay = known ? !isOver(known.status) : heard.has(render.id);
    return isOver(render.status) && wasUnderWay;
  });
  for (const { id } of ended) heard.delete(id);
  const again = (id: string) => isOver(to.byId.get(id)?.status ?? "done");
  live = { ...to, ended: [...to.ended.filter(again), ...ended.map(({ id }) => id)] };
  for (const told of watchers) told();
}

function watch(told: () => void): () => void {
  watchers.add(told);
  return () => watchers.delete(told);
}
