import type { components } from "../api/schema";

export type Voice = components["schemas"]["VoiceView"];

/** Voices of one language, those that sound best first. */
export interface VoiceGroup {
  /** BCP 47, of the language alone. */
  language: string;
  name: string;
  /** The browser's user speaks it. */
  isOwn: boolean;
  voices: Voice[];
}

/** The part of a label that tells of a voice whose files are not here. */
const NOT_HERE = "(to be pulled)";
const QUALITIES = ["natural", "high", "medium", "low", "", "robotic"];

/** Those that can speak now. Variants of eSpeak's voices are no voices of their own. */
export function usableVoices(voices: readonly Voice[]): Voice[] {
  return voices.filter((voice) => voice.language !== "" && !voice.label.includes(NOT_HERE));
}

/** How eSpeak's voices can be changed, as what is put behind their names. */
export function variants(voices: readonly Voice[]): Voice[] {
  return voices.filter((voice) => voice.language === "" && voice.name.startsWith("+"));
}

/** What a variant is called: "variant female3" is "Female 3". */
export function variantName(variant: Voice): string {
  const name = variant.label.replace(/^variant\s*/i, "").replaceAll("_", " ");
  const spaced = name.replace(/(\p{Ll})(\d+)$/u, "$1 $2").replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}

/** What a choice of a voice consists of: "en-us+f3" is "en-us" and "+f3". */
export function partsOf(chosen: string): { name: string; variant: string } {
  const plus = chosen.includes(":") ? -1 : chosen.indexOf("+");
  return plus < 0
    ? { name: chosen, variant: "" }
    : { name: chosen.slice(0, plus), variant: chosen.slice(plus) };
}

/** The groups that have a voice with all the words of the query, the user's languages first. */
export function groupVoices(
  voices: readonly Voice[],
  query: string,
  languages: readonly string[],
  shownIn: string,
): VoiceGroup[] {
  const wanted = fold(query).split(/\s+/).filter(Boolean);
  const own = languages.map(primary);
  const groups = new Map<string, VoiceGroup>();
  for (const voice of voices) {
    const language = primary(voice.language);
    const name = languageName(language, shownIn);
    const words = [name, nativeName(language), voice.label, voice.name, voice.language];
    const told = fold([...words, voice.engine, voice.gender].join(" "));
    if (!wanted.every((word) => told.includes(word))) continue;
    const group = groups.get(language) ?? {
      language,
      name,
      isOwn: own.includes(language),
      voices: [],
    };
    group.voices.push(voice);
    groups.set(language, group);
  }
  const order = (group: VoiceGroup) => (group.isOwn ? own.indexOf(group.language) : own.length);
  const found = [...groups.values()].sort(
    (a, b) => order(a) - order(b) || a.name.localeCompare(b.name, shownIn),
  );
  for (const group of found) group.voices.sort(bySound(languages));
  return found;
}

/** The best that speaks the first of the languages and needs no network. */
export function usualVoice(
  voices: readonly Voice[],
  languages: readonly string[],
): Voice | undefined {
  const offline = voices.filter((voice) => !voice.online);
  for (const language of [...languages, "en"]) {
    const speaking = offline.filter((voice) => primary(voice.language) === primary(language));
    if (speaking.length > 0) return speaking.sort(bySound([language]))[0];
  }
  return offline[0] ?? voices[0];
}

/** The language's name in another; its tag where that has none. */
export function languageName(tag: string, shownIn: string): string {
  try {
    return new Intl.DisplayNames([shownIn], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}

export function nativeName(tag: string): string {
  return languageName(tag, tag);
}

function primary(tag: string): string {
  return (tag.split("-")[0] ?? tag).toLowerCase();
}

/** Of the wanted region first, then by quality, then those that need no network. */
function bySound(languages: readonly string[]) {
  const regions = languages.map((language) => language.toLowerCase());
  // Where the browser tells a language only, its largest region stands for it.
  regions.push(...regions.map((region) => likely(region)));
  const rank = (voice: Voice) => {
    const place = regions.indexOf(voice.language.toLowerCase());
    return place < 0 ? regions.length : place;
  };
  const quality = (voice: Voice) => QUALITIES.indexOf(voice.quality);
  return (a: Voice, b: Voice) =>
    Number(a.online) - Number(b.online) ||
    quality(a) - quality(b) ||
    rank(a) - rank(b) ||
    a.label.localeCompare(b.label);
}

function likely(tag: string): string {
  try {
    const { language, region } = new Intl.Locale(tag).maximize();
    return `${language}-${region}`.toLowerCase();
  } catch {
    return tag;
  }
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
