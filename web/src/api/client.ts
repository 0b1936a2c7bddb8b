import createClient from "openapi-fetch";
import type { paths } from "./schema";

/** An error that the service explains (RFC 9457), or that it could not be reached. */
export class Problem extends Error {
  constructor(
    /** One of the documented codes, or "offline". */
    readonly code: string,
    detail: string,
    readonly status = 0,
    readonly retryAfterS: number | null = null,
  ) {
    super(detail);
    this.name = "Problem";
  }
}

/** Typed by the service's own schema. Paths, parameters and bodies are checked by the compiler. */
export const service = createClient<paths>({
  // Looked up at each call, so tests can put their own in its place.
  fetch: (request) => globalThis.fetch(request),
  credentials: "same-origin",
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What the service answers, or a Problem thrown. */
export async function answer<T>(asked: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Problem("offline", "The service does not answer.");
  }
  if (!got.response.ok) throw problemOf(got.response, got.error);
  return got.data as T;
}

export function problemOf(response: Response, body: unknown): Problem {
  const told = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const retry = Number(response.headers.get("retry-after"));
  return new Problem(
    typeof told.code === "string" ? told.code : "failed",
    typeof told.detail === "string" ? told.detail : `${response.status} ${response.statusText}`,
    response.status,
    retry > 0 ? retry : null,
  );
}
