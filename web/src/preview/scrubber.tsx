import { useMemo, useRef } from "react";
import { texts } from "../texts";
import { playingTime } from "../texts/format";
import { clock } from "../ui/clock";
import type { Player, Playing } from "./player";
import type { Word } from "./track";
import { useMoments } from "./use-moment";
import { wordAt } from "./words";

interface Props {
  player: Player;
  playing: Playing;
  words: readonly Word[];
  isOff: boolean;
}

const STEP_S = 0.04;

/** Where in the sound one is; the words are marked on it. */
export function Scrubber({ player, playing, words, isOff }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const time = useRef<HTMLSpanElement>(null);
  const { duration_s } = playing;
  const marks = useMemo(() => marksOf(words, duration_s), [words, duration_s]);

  useMoments(player, playing, (time_s) => {
    const range = input.current;
    if (!range) return;
    range.value = String(time_s);
    range.style.setProperty("--fill", String(duration_s > 0 ? time_s / duration_s : 0));
    const word = words[wordAt(words, time_s)]?.text ?? "";
    const told = texts.preview.scrubbed(clock(time_s), clock(duration_s), word);
    // Readers are told of every change, so only the focused one tells more than the time.
    if (!playing.isPlaying) range.setAttribute("aria-valuetext", told);
    if (time.current) time.current.textContent = clock(time_s);
  });

  return (
    <div className="scrubber">
      <div className="scrubber-bar">
        <svg
          className="scrubber-words"
          viewBox="0 0 1000 1"
          aria-hidden="true"
          preserveAspectRatio="none"
        >
          <path d={marks} />
        </svg>
        <input
          ref={input}
          type="range"
          aria-label={texts.preview.scrub}
          min={0}
          max={duration_s || 1}
          step="any"
          defaultValue={0}
          disabled={isOff}
          onInput={(event) => player.seek(event.currentTarget.valueAsNumber)}
          onKeyDown={(event) => {
            const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
            if (!by) return;
            event.preventDefault();
            player.seek(player.time_s + by * (event.shiftKey ? 25 * STEP_S : 5 * STEP_S));
          }}
        />
      </div>
      <span className="scrubber-time">
        <span ref={time}>{clock(0)}</span>
        <span aria-hidden="true"> / </span>
        <span>{duration_s > 0 ? playingTime(duration_s) : clock(0)}</span>
      </span>
    </div>
  );
}

function marksOf(words: readonly Word[], duration_s: number): string {
  if (duration_s <= 0) return "";
  const at = (time_s: number) => ((1000 * time_s) / duration_s).toFixed(1);
  return words
    .map(({ start_s, end_s }) => `M${at(start_s)} 0H${at(end_s)}V1H${at(start_s)}Z`)
    .join("");
}
