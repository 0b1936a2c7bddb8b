/** What is being composed: the picture, what it says, and how. Kept over reloads, so no files. */

import type { components } from "../api/schema";

export type RenderFields = Partial<components["schemas"]["RenderBody"]> & { portrait: string };

/** id: the upload's. */
export interface Source {
  id: string;
  kind: "still" | "video";
  name: string;
}

/** A recording that was uploaded. length_s is 0 when it is not known. */
export interface Sound {
  id: string;
  name: string;
  length_s: number;
}

export type Speaking = "text" | "record" | "file";
export type Subtitles = "none" | "srt" | "vtt" | "burn";
export type Format = "mp4" | "webm" | "gif";
export type BackgroundKind = "keep" | "blur" | "colour" | "picture";

export interface Composition {
  source: Source | null;
  face: number;
  speaking: Speaking;
  text: string;
  /** null until one is chosen: the best in the browser's language. */
  voice: string | null;
  /** Words a minute and 0..99; null is the voice's own. */
  rate: number | null;
  pitch: number | null;
  recorded: Sound | null;
  dropped: Sound | null;
  transcript: string;
  expression: number;
  motion: number;
  blink: boolean;
  seed: number;
  engine: string;
  size: string;
  fit: "crop" | "pad";
  background: BackgroundKind;
  colour: string;
  /** The id of an uploaded picture. */
  backdrop: string | null;
  restore: string;
  upscale: string;
  subtitles: Subtitles;
  karaoke: boolean;
  format: Format;
  title: string;
  /** Options that only other clients set, passed on when a render is used again. */
  others: Partial<components["schemas"]["RenderBody"]>;
}

export const EMPTY: Composition = {
  source: null,
  face: 0,
  speaking: "text",
  text: "",
  voice: null,
  rate: null,
  pitch: null,
  recorded: null,
  dropped: null,
  transcript: "",
  expression: 1,
  motion: 1,
  blink: true,
  seed: 0,
  engine: "rig",
  size: "",
  fit: "crop",
  background: "keep",
  colour: "#20506b",
  backdrop: null,
  restore: "",
  upscale: "",
  subtitles: "none",
  karaoke: false,
  format: "mp4",
  title: "",
  others: {},
};

export type Step =
  | { do: "set"; to: Partial<Composition> }
  | { do: "source"; source: Source | null }
  | { do: "recorded"; sound: Sound | null }
  | { do: "dropped"; sound: Sound }
  | { do: "sample"; text: string; voice: string | null }
  | { do: "load"; composition: Composition }
  | { do: "plain" };

export function compose(now: Composition, step: Step): Composition {
  switch (step.do) {
    case "set":
      return { ...now, ...step.to };
    case "source":
      return { ...now, source: step.source, face: 0 };
    case "recorded":
      return { ...now, recorded: step.sound, speaking: "record", others: withoutWords(now) };
    case "dropped":
      return { ...now, dropped: step.sound, speaking: "file", others: withoutWords(now) };
    case "sample": {
      const untouched = now.speaking === "text" && now.text.trim() === "";
      return {
        ...now,
        text: untouched ? step.text : now.text,
        voice: untouched && now.voice === null ? step.voice : now.voice,
      };
    }
    case "load":
      return step.composition;
    case "plain": {
      const { source, face, speaking, text, voice, rate, pitch } = now;
      const { recorded, dropped, transcript } = now;
      const kept = { source, face, speaking, text, voice, rate, pitch };
      return { ...EMPTY, ...kept, recorded, dropped, transcript };
    }
  }
}

/** What has to be given before there is something to preview or render. */
export function missing(of: Composition): "source" | "words" | null {
  if (!of.source) return "source";
  return says(of) ? null : "words";
}

/** Whether there are words, in the way that is chosen. */
export function says(of: Composition): boolean {
  return of.speaking === "text" ? of.text.trim() !== "" : soundOf(of) !== null;
}

export function soundOf(of: Composition): Sound | null {
  if (of.speaking === "text") return null;
  return of.speaking === "record" ? of.recorded : of.dropped;
}

/** How many options differ from what one gets without asking. */
export function changedOptions(of: Composition): number {
  const plain = compose(of, { do: "plain" });
  const names = Object.keys(EMPTY) as (keyof Composition)[];
  const hidden = ["colour", "backdrop", "others"];
  return names.filter((name) => !hidden.includes(name) && of[name] !== plain[name]).length;
}

/** voice: what is said with when none was chosen. */
export function renderFields(of: Composition, voice: string | null): RenderFields | null {
  if (!of.source || missing(of)) return null;
  const isStill = of.source.kind === "still";
  return {
    ...of.others,
    portrait: of.source.id,
    ...spoken(of, voice),
    ...(of.face > 0 && { face: of.face }),
    expression: of.expression,
    motion: of.motion,
    blink: of.blink,
    seed: of.seed,
    engine: of.engine,
    ...(of.size && { size: of.size, fit: of.fit }),
    ...(isStill && of.background !== "keep" && { background: backgroundOf(of) }),
    ...(of.restore && { restore: of.restore as RenderFields["restore"] }),
    ...(of.upscale && { upscale: of.upscale as RenderFields["upscale"] }),
    ...(of.subtitles !== "none" && { subtitles: of.subtitles, karaoke: hasKaraoke(of) }),
    format: of.format,
    ...(of.title.trim() && { title: of.title.trim() }),
  };
}

export type TrackFields = Pick<
  RenderFields,
  | "text"
  | "audio"
  | "voice"
  | "rate"
  | "pitch"
  | "transcript"
  | "expression"
  | "motion"
  | "blink"
  | "seed"
  | "language"
  | "normalise"
  | "trim"
  | "speakers"
  | "ssml"
>;

/** What the preview says and does; null without words. */
export function trackFields(of: Composition, voice: string | null): TrackFields | null {
  if (!says(of)) return null;
  const { language, normalise, trim, speakers, ssml } = of.others;
  const others = { language, normalise, trim, speakers, ssml };
  const given = Object.entries(others).filter(([, value]) => value != null);
  return {
    ...Object.fromEntries(given),
    ...spoken(of, voice),
    expression: of.expression,
    motion: of.motion,
    blink: of.blink,
    seed: of.seed,
  };
}

/** Karaoke marks words in WebVTT and in the picture only. */
export function hasKaraoke(of: Composition): boolean {
  return of.karaoke && (of.subtitles === "vtt" || of.subtitles === "burn");
}

function spoken(of: Composition, voice: string | null): TrackFields {
  const sound = soundOf(of);
  if (sound) {
    const transcript = of.transcript.trim();
    return { audio: sound.id, ...(transcript && { transcript }) };
  }
  const said = of.voice ?? voice;
  return {
    text: of.text,
    ...(said && { voice: said }),
    ...(of.rate !== null && { rate: of.rate }),
    ...(of.pitch !== null && { pitch: of.pitch }),
  };
}

/** A new recording says other words. */
function withoutWords(of: Composition): Composition["others"] {
  const { transcript: _, ...others } = of.others;
  return others;
}

function backgroundOf(of: Composition): string {
  if (of.background === "colour") return of.colour;
  if (of.background === "picture") return of.backdrop ?? "keep";
  return of.background;
}
