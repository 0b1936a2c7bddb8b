import type { Word } from "./track";

/** The number of the word that is said at a moment; between words the last one; -1 before all. */
export function wordAt(words: readonly Word[], time_s: number): number {
  let low = 0;
  let high = words.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((words[middle]?.start_s ?? 0) <= time_s) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where to begin so that what is new is heard: the first word that differs. */
export function startOfChange(before: readonly Word[], now: readonly Word[]): number {
  let same = 0;
  while (same < now.length && before[same]?.text === now[same]?.text) same += 1;
  // Equal words, or only the end taken away: all of it again.
  return same >= now.length ? 0 : (now[same]?.start_s ?? 0);
}

/** Some words around the one that is said, as a line that fits below the picture. */
export function lineAround(
  words: readonly Word[],
  current: number,
  letters: number,
): { first: number; words: readonly Word[] } {
  let first = 0;
  let length = 0;
  for (let i = 0; i < words.length; i++) {
    const size = (words[i]?.text.length ?? 0) + 1;
    if (length > 0 && length + size > letters) {
      if (i > current) return { first, words: words.slice(first, i) };
      first = i;
      length = 0;
    }
    length += size;
  }
  return { first, words: words.slice(first) };
}
