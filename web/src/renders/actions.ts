import { useState } from "react";
import { Problem } from "../api/client";
import { texts } from "../texts";
import { explain } from "../ui/explain";
import { tell } from "../ui/toasts";
import { cancelRender, deleteRender, renameRender, retryRender } from "./calls";
import type { Render } from "./render";
import { forget, learn, look } from "./store";

/** What one can do to a render; what goes wrong is told at the page's edge. */
export function useActions(id: string) {
  const [busy, setBusy] = useState(false);
  async function run(work: () => Promise<Render>) {
    setBusy(true);
    try {
      learn(await work());
    } catch (error) {
      // It may have ended in this moment.
      if (error instanceof Problem && error.code === "conflict") await look(id);
      else tell(explain(error), { kind: "bad" });
    } finally {
      setBusy(false);
    }
  }
  return {
    busy,
    cancel: () => run(() => cancelRender(id)),
    retry: () => run(() => retryRender(id)),
  };
}

/** Whether it was renamed. */
export async function rename(id: string, title: string): Promise<boolean> {
  try {
    learn(await renameRender(id, title));
    return true;
  } catch (error) {
    tell(explain(error), { kind: "bad" });
    return false;
  }
}

/** Delete for good; those that could not be deleted stay. Returns which are gone. */
export async function removeAll(renders: readonly Render[]): Promise<string[]> {
  const gone: string[] = [];
  let problem: unknown = null;
  for (const { id } of renders) {
    try {
      await deleteRender(id);
      gone.push(id);
    } catch (error) {
      if (error instanceof Problem && error.status === 404) gone.push(id);
      else problem = error;
    }
  }
  forget(...gone);
  const [first] = renders;
  const words = texts.renders.remove;
  if (problem) tell(explain(problem), { kind: "bad" });
  else if (first) tell(renders.length > 1 ? words.doneMany(gone.length) : words.done(first.title));
  return gone;
}
