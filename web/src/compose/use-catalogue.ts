import { useEffect, useState } from "react";
import { answer, service } from "../api/client";
import type { components } from "../api/schema";
import type { Voice } from "./voices";

export type Engine = components["schemas"]["EngineView"];

/** What can be asked for; empty until the service has told. */
export interface Catalogue {
  voices: readonly Voice[];
  engines: readonly Engine[];
}

const RETRY_MS = 4000;

export function useCatalogue(): Catalogue {
  const [told, setTold] = useState<Catalogue>({ voices: [], engines: [] });
  useEffect(() => {
    const stop = new AbortController();
    let timer = 0;
    const { signal } = stop;
    async function ask() {
      try {
        const [voices, engines] = await Promise.all([
          answer(service.GET("/v1/voices", { signal })),
          answer(service.GET("/v1/engines", { signal })),
        ]);
        setTold({ voices, engines });
      } catch {
        if (!signal.aborted) timer = window.setTimeout(ask, RETRY_MS);
      }
    }
    ask();
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, []);
  return told;
}
