import { texts } from "../texts";
import { clock as clockOf } from "../ui/clock";
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

/** A length as players write it; nothing is as short as 0:00. */
export function clock(seconds: number): string {
  return clockOf(Math.max(1, seconds));
}

export function percent(share: number): string {
  const format = new Intl.NumberFormat(texts.language, { style: "percent" });
  return format.format(Math.floor(share * 100) / 100);
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(texts.language, { maximumFractionDigits: digits }).format(value);
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["minute", 60],
  ["hour", 3600],
  ["day", 86400],
];

/** When something was, as seen from a moment: "2 hours ago", and the date after a week. */
export function ago(when: string, now: number): string {
  const seconds = (now - Date.parse(when)) / 1000;
  if (seconds < 60) return words.justNow;
  if (seconds > 7 * 86400) {
    return new Intl.DateTimeFormat(texts.language, { dateStyle: "medium" }).format(new Date(when));
  }
  const [unit, size] = STEPS.findLast(([, least]) => seconds >= least) ?? ["minute", 60];
  const format = new Intl.RelativeTimeFormat(texts.language, { numeric: "auto", style: "short" });
  return format.format(-Math.floor(seconds / size), unit);
}

export function moment(when: string): string {
  const format = { dateStyle: "long", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(texts.language, format).format(new Date(when));
}

/** What is being done to a render. */
export function stageWords(render: Render): string {
  if (render.status !== "queued" && render.status !== "running") return words.status[render.status];
  const stages: Record<string, string> = words.stages;
  return stages[render.stage] ?? words.stages.render;
}

/** How many frames a second are drawn. */
export function speedWords(render: Render): string {
  // Before anything is known of the time, the first frames tell little.
  if (render.eta_s === null || render.fps < 0.05) return "";
  return words.framesPerSecond(number(render.fps, render.fps < 10 ? 1 : 0));
}

/** How it goes: frames a second and the time left, as far as they are known. */
export function paceWords(render: Render): string {
  return [speedWords(render), timeLeft(render.eta_s)].filter(Boolean).join(" · ");
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
