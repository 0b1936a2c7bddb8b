import { texts } from "../texts";
import { number } from "../texts/format";
import type { Render } from "./render";

const words = texts.renders;

/** How long something still takes, in words. seconds: null is unknown and says nothing. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return "";
  if (seconds < 1.5) return words.left.soon;
  if (seconds < 20) return words.left.seconds(Math.ceil(seconds));
  if (seconds < 57.5) return words.left.seconds(Math.round(seconds / 5) * 5);
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return words.left.minutes(minutes);
  return words.left.hours(Math.floor(minutes / 60), minutes % 60);
}

/** What is being done to a render. */
export function stageWords(render: Render): string {
  if (render.status !== "queued" && render.status !== "running") return words.status[render.status];
  const stages: Record<string, string> = words.stages;
  return stages[render.stage] ?? words.stages.render;
}

/** How many frames a second are drawn. */
export function speedWords(render: Render): string {
  // The first frames tell little.
  if (leftOf(render) === null || render.fps < 0.05) return "";
  return words.framesPerSecond(number(render.fps, render.fps < 10 ? 1 : 0));
}

/** How it goes: frames a second and the time left, as far as they are known. */
export function paceWords(render: Render): string {
  return [speedWords(render), timeLeft(leftOf(render))].filter(Boolean).join(" · ");
}

/** The seconds left, once enough is done to tell. */
export function leftOf({ eta_s, progress }: Render): number | null {
  return progress < 0.01 ? null : eta_s;
}

/** A reason or a warning as a sentence, without the name of the option before it. */
export function sentence(message: string): string {
  const reason = message.replace(/^[a-z_-]+: /, "");
  const begun = reason.charAt(0).toLocaleUpperCase(texts.language) + reason.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** What one can do after a failure. */
export function adviceWords(code: string): string {
  const advice: Record<string, string> = words.advice;
  return advice[code] ?? words.advice.failed;
}

/** Whether the request must be changed first, or may be sent again as it is. */
export function needsChange(code: string): boolean {
  return (
    code.startsWith("invalid-") || ["consent-missing", "unavailable", "unreachable"].includes(code)
  );
}
