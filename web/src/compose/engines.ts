import { texts } from "../texts";
import type { Engine } from "./use-catalogue";

interface Offered {
  value: string;
  label: string;
}

const names: Record<string, string> = {
  ...texts.compose.more.engines,
  ...texts.compose.more.finishers,
};

/** The engines that can draw here from a picture or a video; the usual one first. */
export function enginesFor(engines: readonly Engine[], source: "still" | "video"): Offered[] {
  return engines
    .filter(({ kind }) => kind === "lipsync")
    .filter(isReady)
    .filter((engine) => takes(engine, source))
    .map(offered);
}

/** What can sharpen faces or enlarge frames here. */
export function finishers(engines: readonly Engine[], kind: "restore" | "upscale"): Offered[] {
  return engines.filter((engine) => engine.kind === kind && isReady(engine)).map(offered);
}

function isReady(engine: Engine): boolean {
  return engine.extra === null && engine.weights === "";
}

function takes(_engine: Engine, _source: "still" | "video"): boolean {
  return true;
}

function offered({ name }: Engine): Offered {
  return { value: name, label: names[name] ?? name };
}
