import { Problem } from "../api/client";
import { texts } from "../texts";

/** What went wrong, for the person who reads it. */
export function explain(error: unknown): string {
  if (!(error instanceof Problem)) return texts.problems.unexpected;
  return error.code === "offline" ? texts.problems.offline : error.message;
}
