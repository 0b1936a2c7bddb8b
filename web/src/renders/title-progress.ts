import { useEffect, useSyncExternalStore } from "react";
import { texts } from "../texts";
import { percent } from "../texts/format";
import { setTitleNews } from "../ui/title";
import type { Render } from "./render";

const words = texts.renders.tray;

export function meanProgress(renders: readonly Render[]): number {
  return renders.reduce((sum, { progress }) => sum + progress, 0) / Math.max(1, renders.length);
}

/** While the window is behind others, its title tells how far the renders are. */
export function useProgressInTitle(going: Render[], ended: Render[]): void {
  const isHidden = useSyncExternalStore(watch, () => document.hidden);
  const last = ended.at(-1);
  const news =
    going.length > 0
      ? percent(meanProgress(going))
      : last && (last.status === "done" ? words.titleDone : words.titleFailed);
  useEffect(() => {
    setTitleNews((isHidden && news) || "");
    return () => setTitleNews("");
  }, [isHidden, news]);
}

function watch(told: () => void): () => void {
  document.addEventListener("visibilitychange", told);
  return () => document.removeEventListener("visibilitychange", told);
}
