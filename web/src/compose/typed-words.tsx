import { useId } from "react";
import { texts } from "../texts";
import { number, playingTime } from "../texts/format";
import { spokenLength } from "./estimate";

interface Props {
  text: string;
  rate: number | null;
  /** When the preview knows how long it is, in s. */
  exact_s: number | null;
  onText: (text: string) => void;
}

const words = texts.compose.words;
const MOST_LETTERS = 2_000_000;
const IDEAS = [
  [words.greeting, words.greetingText],
  [words.story, words.storyText],
  [words.twister, words.twisterText],
] as const;

/** The text, how long it is, and some to begin with. */
export function TypedWords({ text, rate, exact_s, onText }: Props) {
  const id = useId();
  const letters = [...text].length;
  const length_s = exact_s ?? spokenLength(text, rate);
  return (
    <div className="typed">
      <label htmlFor={id} className="for-readers">
        {words.label}
      </label>
      <textarea
        id={id}
        className="input typed-text"
        rows={5}
        dir="auto"
        maxLength={MOST_LETTERS}
        placeholder={words.placeholder}
        value={text}
        aria-describedby={`${id}-length`}
        onChange={(event) => onText(event.target.value)}
      />
      <div className="typed-below">
        {text.trim() === "" ? (
          <p className="typed-ideas">
            <span>{words.ideas}</span>
            {IDEAS.map(([name, idea]) => (
              <button type="button" key={name} className="chip" onClick={() => onText(idea)}>
                {name}
              </button>
            ))}
          </p>
        ) : (
          <p id={`${id}-length`} className="typed-length">
            <span>{words.letters(number(letters))}</span>
            <span>
              {exact_s === null
                ? words.about(playingTime(Math.max(length_s, 1)))
                : words.exactly(playingTime(Math.max(length_s, 1)))}
            </span>
          </p>
        )}
      </div>
    </div>
  );
}
