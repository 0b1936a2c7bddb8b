import { clock } from "../ui/clock";
import { texts } from ".";

/** How long something plays; nothing is as short as 0:00. */
export function playingTime(seconds: number): string {
  return clock(Math.max(1, seconds));
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
  if (seconds < 60) return texts.justNow;
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
