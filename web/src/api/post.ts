import { Problem, problemOf } from "./client";

interface Options {
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** How much of the body is sent, 0..1. */
  onSent?: (share: number) => void;
}

/** POST a form, or JSON, and tell how much of it is sent, which `fetch` cannot. Throws a Problem. */
export function post(path: string, body: FormData | string, options: Options): Promise<unknown> {
  const { headers = {}, signal, onSent } = options;
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    const settle = (how: () => void) => {
      signal?.removeEventListener("abort", stop);
      how();
    };
    request.open("POST", path);
    if (typeof body === "string") request.setRequestHeader("Content-Type", "application/json");
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => {
      if (total > 0) onSent?.(loaded / total);
    };
    request.onload = () =>
      settle(() => {
        const response = new Response(null, {
          status: request.status,
          statusText: request.statusText,
          headers: { "retry-after": request.getResponseHeader("retry-after") ?? "" },
        });
        const told = parsed(request.responseText);
        if (response.ok) resolve(told);
        else reject(problemOf(response, told));
      });
    request.onerror = () =>
      settle(() => reject(new Problem("offline", "The service does not answer.")));
    request.onabort = () => settle(() => reject(new DOMException("stopped", "AbortError")));
    signal?.addEventListener("abort", stop, { once: true });
    request.send(body);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
