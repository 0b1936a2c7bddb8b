import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react";
import type { IdleLoop } from "./idle";
import { Player, type Playing } from "./player";
import { PoseReader } from "./poses";
import type { Track, TrackFields } from "./track";
import { type Feel, useIdle } from "./use-idle";
import { type Rig, useRig } from "./use-rig";
import { type TrackState, useTrack } from "./use-track";
import { startOfChange } from "./words";

export interface Preview extends TrackState {
  player: Player;
  playing: Playing;
  reader: PoseReader | null;
  idle: IdleLoop | null;
  rig: Rig;
}

interface Wanted {
  /** null for nothing that can be previewed. */
  portrait: string | null;
  face: number;
  fields: TrackFields | null;
  feel: Feel;
  /** Whether it talks by itself when there is something new to say. */
  talksAlong: boolean;
  /** The page is looked at. */
  isShown: boolean;
}

/** The portrait's face and what it says, ready to be played. */
export function usePreview(wanted: Wanted): Preview {
  const { portrait, face, fields, feel, talksAlong, isShown } = wanted;
  const [player] = useState(() => new Player());
  const playing = useSyncExternalStore(player.watch, () => player.state);
  const rig = useRig(portrait, face);
  const state = useTrack(fields);
  const { track } = state;
  const idle = useIdle(isShown && rig.status === "ready", feel);
  const reader = useMemo(() => (track ? new PoseReader(track) : null), [track]);

  useEffect(() => () => player.pause(), [player]);
  useEffect(() => {
    if (!isShown) player.pause();
  }, [isShown, player]);

  const isSettled = !portrait || !["none", "loading"].includes(rig.status);
  const last = useRef<Track | null>(null);
  useEffect(() => {
    if (!track) {
      player.unload();
      last.current = null;
      return;
    }
    player.load(track.said, track.sound, track.duration_s);
    if (!isSettled || last.current?.said === track.said) return;
    const before = last.current?.words ?? [];
    last.current = track;
    if (!talksAlong || !portrait || !isShown || !hasTouched()) return;
    player.seek(startOfChange(before, track.words));
    player.play();
  }, [track, isSettled, portrait, talksAlong, isShown, player]);

  return { ...state, player, playing, reader, idle, rig };
}

/** Browsers let a page sound only after it was touched. */
function hasTouched(): boolean {
  return navigator.userActivation?.hasBeenActive ?? true;
}
