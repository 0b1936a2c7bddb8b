import { useEffect, useMemo, useState } from "react";
import { IdleLoop, silence } from "./idle";
import { PoseReader } from "./poses";
import { useTrack } from "./use-track";

export interface Feel {
  expression: number;
  motion: number;
  blink: boolean;
}

/** How the face waits: it blinks and breathes. null until that is known, or when it is to be still. */
export function useIdle(isWanted: boolean, feel: Feel): IdleLoop | null {
  const [audio, setAudio] = useState<string | null>(null);
  const [isCalm] = useState(() => matchMedia("(prefers-reduced-motion: reduce)").matches);
  const isAsked = isWanted && !isCalm;
  useEffect(() => {
    if (!isAsked || audio) return;
    // Without it the picture waits without moving.
    silence().then(setAudio, () => {});
  }, [isAsked, audio]);
  const { track } = useTrack(isAsked && audio ? { audio, normalise: false, ...feel } : null);
  return useMemo(() => (track ? new IdleLoop(new PoseReader(track)) : null), [track]);
}
