import { type Composition, EMPTY, type RenderFields, type Sound } from "./composition";

const OWN = [
  "portrait",
  "audio",
  "text",
  "voice",
  "rate",
  "pitch",
  "transcript",
  "face",
  "expression",
  "motion",
  "blink",
  "seed",
  "engine",
  "size",
  "fit",
  "background",
  "restore",
  "upscale",
  "subtitles",
  "karaoke",
  "format",
  "title",
  "webhook",
  "priority",
];

/** The form filled with what a render was asked with. kind: of its portrait. */
export function compositionOf(asked: RenderFields, kind: "still" | "video"): Composition {
  const told = Object.fromEntries(
    Object.entries(asked).filter(([, value]) => value !== null && value !== undefined),
  ) as RenderFields;
  const sound: Sound | null = told.audio ? { id: told.audio, name: "", length_s: 0 } : null;
  return {
    ...EMPTY,
    source: { id: told.portrait, kind, name: "" },
    face: typeof told.face === "number" ? told.face : 0,
    speaking: sound ? "file" : "text",
    dropped: sound,
    text: told.text ?? "",
    voice: told.voice ?? null,
    rate: told.rate ?? null,
    pitch: told.pitch ?? null,
    transcript: told.transcript?.startsWith("file_") ? "" : (told.transcript ?? ""),
    expression: told.expression ?? EMPTY.expression,
    motion: told.motion ?? EMPTY.motion,
    blink: told.blink ?? EMPTY.blink,
    seed: told.seed ?? EMPTY.seed,
    engine: told.engine ?? EMPTY.engine,
    size: told.size ?? EMPTY.size,
    fit: told.fit ?? EMPTY.fit,
    ...background(told.background),
    restore: told.restore ?? "",
    upscale: told.upscale ?? "",
    subtitles: told.subtitles ?? "none",
    karaoke: told.karaoke ?? false,
    format: told.format ?? "mp4",
    others: {
      ...Object.fromEntries(Object.entries(told).filter(([name]) => !OWN.includes(name))),
      ...(told.transcript?.startsWith("file_") && { transcript: told.transcript }),
    },
  };
}

function background(given: string | null | undefined): Partial<Composition> {
  if (!given || given === "keep") return {};
  if (given === "blur") return { background: "blur" };
  if (given.startsWith("#")) return { background: "colour", colour: given };
  return { background: "picture", backdrop: given };
}
