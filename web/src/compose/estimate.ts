/** How long a text takes to say, before anything has said it. */

/** Letters a second of eSpeak at its own rate, in scripts that write sounds. */
const LETTERS_A_SECOND = 14.5;
/** Of scripts in which a letter is a syllable or a word. */
const SYLLABLES_A_SECOND = 4.6;
const USUAL_RATE = 175;
const PAUSE_S = 0.35;

const SYLLABIC = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}]/gu;
const STOPS = /[.!?…。！？]+(\s|$)|\n\s*\n/gu;

/** In seconds. rate: words a minute, null is the usual one. */
export function spokenLength(text: string, rate: number | null): number {
  const said = text.trim();
  if (!said) return 0;
  const syllables = said.match(SYLLABIC)?.length ?? 0;
  const letters = [...said].length - syllables;
  const pauses = Math.max((said.match(STOPS)?.length ?? 1) - 1, 0);
  const slower = USUAL_RATE / (rate ?? USUAL_RATE);
  return (
    (letters / LETTERS_A_SECOND + syllables / SYLLABLES_A_SECOND) * slower + pauses * PAUSE_S + 0.4
  );
}
