import { Problem } from "../api/client";
import { post } from "../api/post";
import type { components } from "../api/schema";
import type { Render } from "./render";
import { addSending, changeSending, endSending } from "./sending";
import { learn } from "./store";

/** The options of a render; what is left out is decided by the service. */
export type RenderFields = Partial<components["schemas"]["RenderBody"]>;

/** Files that are sent along, in place of the ids of uploads in the fields. */
export type RenderFiles = Partial<
  Record<"portrait" | "audio" | "clone" | "transcript" | "background", Blob>
>;

/**
 * Have a render made; it is shown in the tray from the first moment on.
 *
 * Throws a Problem. What another try may mend (the service is away, or has too much to do) stays
 * in the tray, where it can be sent again; the service makes one render of it all the same.
 */
export async function startRender(fields: RenderFields, files: RenderFiles = {}): Promise<Render> {
  const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
  const stop = new AbortController();
  const send = async (signal: AbortSignal): Promise<Render> => {
    const render = (await post("/v1/renders", bodyOf(fields, files), {
      headers: { "Idempotency-Key": key },
      signal,
      onSent: (share) => changeSending(key, { sent: share }),
    })) as Render;
    learn(render);
    return render;
  };
  addSending({ key, title: titleOf(fields), stop: () => stop.abort() });
  try {
    const render = await send(stop.signal);
    endSending(key);
    return render;
  } catch (error) {
    const problem = problemOf(error);
    if (stop.signal.aborted || !mayPass(problem)) endSending(key);
    else changeSending(key, { problem, again: () => sendAgain(key, send) });
    throw error;
  }
}

async function sendAgain(key: string, send: (signal: AbortSignal) => Promise<Render>) {
  const stop = new AbortController();
  changeSending(key, { problem: null, again: null, sent: 0, stop: () => stop.abort() });
  try {
    await send(stop.signal);
    endSending(key);
  } catch (error) {
    if (stop.signal.aborted) endSending(key);
    else changeSending(key, { problem: problemOf(error), again: () => sendAgain(key, send) });
  }
}

function problemOf(error: unknown): Problem {
  return error instanceof Problem ? error : new Problem("failed", String(error));
}

function mayPass(problem: Problem): boolean {
  return (
    problem.status === 0 ||
    problem.status === 408 ||
    problem.status === 429 ||
    problem.status >= 500
  );
}

function titleOf(fields: RenderFields): string {
  return fields.title || (fields.text ?? "").trim().split("\n")[0]?.slice(0, 80) || "";
}

function bodyOf(fields: RenderFields, files: RenderFiles): FormData | string {
  const given = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  const sent = Object.entries(files).filter(([, file]) => file !== undefined);
  if (sent.length === 0) return JSON.stringify(Object.fromEntries(given));
  const form = new FormData();
  for (const [name, value] of given) {
    if (!(name in files)) {
      form.append(name, typeof value === "object" ? JSON.stringify(value) : String(value));
    }
  }
  for (const [name, file] of sent) form.append(name, file);
  return form;
}
