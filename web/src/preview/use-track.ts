import { useEffect, useState } from "react";
import { Problem } from "../api/client";
import { makeTrack, type Track, type TrackFields } from "./track";

/** How long nothing may change before a track is asked for, in ms. */
export const QUIET_MS = 400;

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
  const [tries, setTries] = useState(0);
  const asked = fields && JSON.stringify(fields);

  useEffect(() => {
    if (!asked) {
      setState(NOTHING);
      return;
    }
    setState((now) => ({ ...now, isMaking: true, problem: null }));
    const stop = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const track = await makeTrack(JSON.parse(asked), stop.signal);
        if (!stop.signal.aborted) setState({ track, isMaking: false, problem: null });
      } catch (error) {
        if (stop.signal.aborted) return;
        const problem = error instanceof Problem ? error : new Problem("failed", String(error));
        setState((now) => ({ ...now, isMaking: false, problem }));
      }
    }, QUIET_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [asked, tries]);

  // A service that was away is asked again when the page is looked at or the network is back.
  const isOffline = state.problem?.code === "offline";
  useEffect(() => {
    if (!isOffline) return;
    const again = () => setTries((count) => count + 1);
    const timer = setInterval(again, 5000);
    addEventListener("online", again);
    return () => {
      clearInterval(timer);
      removeEventListener("online", again);
    };
  }, [isOffline]);

  return state;
}
