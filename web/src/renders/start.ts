import { Problem } from "../api/client";
import { post } from "../api/post";
import type { components } from "../api/schema";
import { explain } from "../ui/explain";
import { tell } from "../ui/toasts";
import type { Render } from "./render";
import { addSending, changeSending, endSending } from "./sending";
import { learn } from "./store";

/** The options of a render; what is left out is decided by the service. */
export type RenderFields = Partial<components["schemas"]["RenderBody"]>;

/**
 * Have a render made; it is shown in the tray from the first moment on.
 *
 * Gives null when it was taken back before the service had it, and throws a Problem. What another
 * try may mend (the service is away, or has too much to do) stays in the tray, where it can be sent
 * again; the service makes one render of it all the same.
 */
export async function startRender(fields: RenderFields): Promise<Render | null> {
  const key = crypto.getRandomValues(new Uint32Array(4)).join("-");
  addSending({ key, title: titleOf(fields) });
  return send(key, fields);
}

async function send(key: string, fields: RenderFields): Promise<Render | null> {
  const stop = new AbortController();
  changeSending(key, { problem: null, again: null, stop: () => stop.abort() });
  try {
    const render = (await post("/v1/renders", JSON.stringify(fields), {
      headers: { "Idempotency-Key": key },
      signal: stop.signal,
    })) as Render;
    learn(render);
    endSending(key);
    return render;
  } catch (error) {
    if (stop.signal.aborted) {
      endSending(key);
      return null;
    }
    if (!(error instanceof Problem) || !mayPass(error)) endSending(key);
    else changeSending(key, { problem: error, again: () => void sendAgain(key, fields) });
    throw error;
  }
}

async function sendAgain(key: string, fields: RenderFields): Promise<void> {
  try {
    await send(key, fields);
  } catch (error) {
    tell(explain(error), { kind: "bad" });
  }
}

function mayPass({ status }: Problem): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

function titleOf(fields: RenderFields): string {
  return fields.title || (fields.text ?? "").trim().split("\n")[0]?.slice(0, 80) || "";
}
