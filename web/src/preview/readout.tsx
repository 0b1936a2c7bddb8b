import { useMemo } from "react";
import { texts } from "../texts";
import type { Player, Playing } from "./player";
import type { PoseReader } from "./poses";
import type { Word } from "./track";
import { useAtMoment } from "./use-moment";
import { lineAround, wordAt } from "./words";

interface Props {
  player: Player;
  playing: Playing;
  words: readonly Word[];
  reader: PoseReader | null;
}

const LETTERS = 42;
/** As the service numbers them. */
const VISEMES = "sil PP FF TH DD kk CH SS nn RR aa E ih oh ou".split(" ");

/** The words around the one that is heard, and what the mouth does for it. */
export function Readout({ player, playing, words, reader }: Props) {
  const current = useAtMoment(player, playing, (time_s) => wordAt(words, time_s));
  const viseme = useAtMoment(player, playing, (time_s) => reader?.visemeAt(time_s) ?? 0);
  const line = useMemo(() => lineAround(words, current, LETTERS), [words, current]);
  return (
    <section className="readout" aria-label={texts.preview.readout} aria-live="off">
      <p className="readout-line" data-empty={words.length === 0 || undefined}>
        {words.length === 0 && texts.preview.waiting}
        {line.words.map((word, i) => {
          const number = line.first + i;
          return (
            <button
              type="button"
              key={number}
              className="readout-word"
              aria-current={number === current || undefined}
              tabIndex={-1}
              onClick={() => player.seek(word.start_s)}
            >
              {word.text}
            </button>
          );
        })}
      </p>
      <span className="readout-viseme" hidden={!reader}>
        <span className="for-readers">{texts.preview.viseme} </span>
        {VISEMES[viseme] ?? "sil"}
      </span>
    </section>
  );
}
