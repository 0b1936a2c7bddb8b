import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { findRenders, type Query } from "./calls";
import type { Render } from "./render";
import { learn, useRenders } from "./store";

const PAGE = 24;
const MOST = 200;

/** next: where the following page begins; null when all is here. found: what the service named. */
interface Read {
  query: Query;
  next: string | null;
  found: ReadonlySet<string>;
}

export interface LibraryList {
  /** null while nothing has been read yet. */
  renders: Render[] | null;
  hasMore: boolean;
  isReading: boolean;
  problem: unknown;
  more: () => void;
  again: () => void;
}

/** The renders that a query means, the newest first, page by page; what happens changes it. */
export function useLibraryList(query: Query): LibraryList {
  const live = useRenders();
  const [read, setRead] = useState<Read | null>(null);
  const [isReading, setReading] = useState(true);
  const [problem, setProblem] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const running = useRef<AbortController | null>(null);
  const count = useRef(0);

  const ask = useCallback(async (before: Read | null, to: Query, limit: number) => {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    setReading(true);
    try {
      const page = await findRenders(to, { before: before?.next, limit }, stop.signal);
      if (stop.signal.aborted) return;
      learn(...page.renders);
      const found = new Set([...(before?.found ?? []), ...page.renders.map(({ id }) => id)]);
      setRead({ query: to, next: page.next, found });
      setProblem(null);
      setReading(false);
    } catch (error) {
      if (stop.signal.aborted) return;
      setProblem(error);
      setReading(false);
    }
  }, []);

  // Read anew what is asked for, and all that was shown when the service is back.
  const { readings } = live;
  useEffect(() => {
    void ask(null, query, Math.min(MOST, Math.max(PAGE, count.current)));
    return () => running.current?.abort();
  }, [ask, query, readings, tries]);

  const renders = useMemo(() => read && shown(live.byId.values(), read), [live.byId, read]);
  count.current = renders?.length ?? 0;
  const isOther = read !== null && read.query !== query;
  return {
    renders,
    hasMore: read !== null && read.next !== null,
    isReading: isReading || isOther,
    problem,
    more: () => {
      if (read?.next && !isReading && !isOther) void ask(read, query, PAGE);
    },
    again: () => setTries((n) => n + 1),
  };
}

/** What the service named, and what came since; as it stands at this moment. */
function shown(known: Iterable<Render>, { query, next, found }: Read): Render[] {
  const words = query.search.toLowerCase();
  const isMeant = (render: Render) => {
    if (query.statuses.length > 0 && !query.statuses.includes(render.status)) return false;
    if (found.has(render.id)) return true;
    const isBehind = next !== null && Date.parse(render.created) < Date.parse(next);
    const { text } = render.options;
    const said = typeof text === "string" ? `${render.title}\n${text}` : render.title;
    return !isBehind && said.toLowerCase().includes(words);
  };
  return [...known]
    .filter(isMeant)
    .sort((a, b) => Date.parse(b.created) - Date.parse(a.created) || b.id.localeCompare(a.id));
}
