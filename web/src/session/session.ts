import { Problem, problemOf } from "../api/client";

/** Who the page speaks for. A key is exchanged for a cookie that scripts cannot read. */
export interface Session {
  needs_key: boolean;
  signed_in: boolean;
  name: string | null;
  scopes: string[];
}

export async function currentSession(): Promise<Session> {
  return ask("GET");
}

export async function signIn(key: string): Promise<Session> {
  return ask("POST", { key });
}

export async function signOut(): Promise<void> {
  await ask("DELETE");
}

async function ask(method: string, body?: object): Promise<Session> {
  let response: Response;
  try {
    response = await fetch("/v1/session", {
      method,
      credentials: "same-origin",
      ...(body && { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } }),
    });
  } catch {
    throw new Problem("offline", "The service does not answer.");
  }
  const told: unknown = await response.json().catch(() => null);
  if (!response.ok) throw problemOf(response, told);
  return told as Session;
}
