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

/** What can be asked for here: what draws, sharpens faces or enlarges frames. */
export function offered(
  engines: readonly Engine[],
  kind: "lipsync" | "restore" | "upscale",
): Offered[] {
  return engines
    .filter((engine) => engine.kind === kind && engine.ready)
    .map(({ name }) => ({ value: name, label: names[name] ?? name }));
}
