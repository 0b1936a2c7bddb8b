import { useEffect, useRef, useState } from "react";
import type { Player, Playing } from "./player";

/** Called with the moment that is heard: with every frame while it plays, else when it moved. */
export function useMoments(player: Player, playing: Playing, at: (time_s: number) => void): void {
  const latest = useRef(at);
  latest.current = at;
  const { isPlaying, moves, duration_s } = playing;

  useEffect(() => {
    let frame = 0;
    const tick = (now_ms: number) => {
      latest.current(player.timeAt(now_ms));
      if (isPlaying) frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => cancelAnimationFrame(frame);
  }, [player, isPlaying, moves, duration_s]);
}

/** What is so at the moment that is heard; renders again only when it changes. */
export function useAtMoment<T extends string | number>(
  player: Player,
  playing: Playing,
  look: (time_s: number) => T,
): T {
  const [seen, setSeen] = useState(() => look(player.time_s));
  useMoments(player, playing, (time_s) => setSeen(look(time_s)));
  return seen;
}
