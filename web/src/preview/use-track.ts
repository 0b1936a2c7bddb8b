import { useEffect, useState } from "react";
import { Problem } from "../api/client";
import { makeTrack, type Track, type TrackFields } from "./track";

/** How long nothing may change before a track is asked for, in ms. */
export const QUIET_MS = 400;

/** After how long a service that does not answer is asked again, in ms. */
const RETRY_MS = 3000;

export interface TrackState {
  /** The latest that was made; stays while the next is on its way. */
  track: Track | null;
  isMaking: boolean;
  problem: Problem | null;
}

const NOTHING: TrackState = { track: null, isMaking: false, problem: null };

/** The track of what is asked for, made when typing rests; null asks for none. */
export function useTrack(fields: TrackFields | null): TrackState {
  const [state, setState] = useState(NOTHING);
  const asked = fields && JSON.stringify(fields);

  useEffect(() => {
    if (!asked) {
      setState(NOTHING);
      return;
    }
    // That the service is away stays said until it is back.
    setState((now) => ({ ...now, isMaking: true, problem: isAway(now.problem) }));
    const stop = new AbortController();
    let timer = setTimeout(ask, QUIET_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };

    async function ask() {
      try {
        const track = await makeTrack(JSON.parse(asked ?? ""), stop.signal);
        if (!stop.signal.aborted) setState({ track, isMaking: false, problem: null });
      } catch (error) {
        if (stop.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem("failed", String(error));
        setState((now) => ({ ...now, isMaking: false, problem }));
        if (isAway(problem)) timer = setTimeout(ask, RETRY_MS);
      }
    }
  }, [asked]);

  return state;
}

function isAway(problem: Problem | null): Problem | null {
  return problem?.code === "offline" ? problem : null;
}
