import { useEffect, useRef, useState } from "react";
import { Actor, AT_REST } from "./actor";
import type { IdleLoop } from "./idle";
import type { Player, Playing } from "./player";
import type { PoseReader } from "./poses";
import type { Rig } from "./use-rig";

interface Props {
  rig: Rig;
  /** Without one the face waits. */
  reader: PoseReader | null;
  idle: IdleLoop | null;
  player: Player;
  playing: Playing;
  motion: number;
}

/** Between frames of a waiting face, in ms; what moves so slowly needs no more. */
const IDLE_MS = 30;
/** Where frames take longer than this, a waiting face is left alone. */
const SLOW_MS = 80;
const SLOW_FRAMES = 20;

/** The face in the pose of the moment that is heard; drawn with every frame of the screen. */
export function FaceCanvas({ rig, reader, idle, player, playing, motion }: Props) {
  const { view, isOpen } = rig;
  const { isPlaying, isAtRest, moves } = playing;
  const [actor] = useState(() => new Actor(player));
  const place = useRef<HTMLDivElement>(null);
  const drawLast = useRef(() => {});

  useEffect(() => {
    if (!view || !place.current) return;
    const { width, height } = view;
    // No more pixels than are seen; and drawn at once, since another size empties the canvas.
    const watcher = new ResizeObserver(([seen]) => {
      if (!seen || !isOpen(view)) return;
      const scale = Math.min((seen.contentRect.width * devicePixelRatio) / width, 1);
      view.resize(Math.max(Math.round(width * scale), 1), Math.max(Math.round(height * scale), 1));
      drawLast.current();
    });
    watcher.observe(place.current);
    return () => watcher.disconnect();
  }, [view, isOpen]);

  useEffect(() => {
    if (!view) return;
    const part = { reader, idle, isIdle: isAtRest && !isPlaying, motion };
    let frame = 0;
    let drawn_ms = Number.NEGATIVE_INFINITY;
    let slow = 0;
    const draw = (now_ms: number) => {
      if (!isOpen(view)) return;
      const isWaiting = part.isIdle && idle !== null && !actor.isMoving(now_ms);
      if (!isWaiting || now_ms - drawn_ms >= IDLE_MS) {
        slow = isWaiting && now_ms - drawn_ms > SLOW_MS ? slow + 1 : 0;
        drawn_ms = now_ms;
        const row = slow < SLOW_FRAMES ? actor.pose(now_ms, part) : AT_REST;
        view.draw(row);
        drawLast.current = () => view.draw(row);
      }
      const isIdle = isWaiting && slow < SLOW_FRAMES;
      if (isPlaying || isIdle || actor.isMoving(now_ms)) frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => {
      cancelAnimationFrame(frame);
      drawLast.current = () => {};
    };
    // moves: another moment is drawn anew.
  }, [view, isOpen, actor, reader, idle, isPlaying, isAtRest, moves, motion]);

  return (
    <div ref={place} className="stage-face">
      <canvas
        key={rig.generation}
        ref={rig.canvas}
        data-ready={rig.status === "ready" || undefined}
      />
    </div>
  );
}
