import { useEffect, useMemo, useRef, useState } from "react";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { Choices } from "../ui/choices";
import { explain } from "../ui/explain";
import { Icon } from "../ui/icon";
import { go } from "../ui/place";
import { useTitle } from "../ui/title";
import type { Query } from "./calls";
import { Card } from "./card";
import { useLibraryList } from "./library-list";
import { RemoveDialog } from "./remove";
import type { Render, RenderStatus } from "./render";
import "../ui/field.css";
import "./library.css";

const words = texts.library;
const TYPING_MS = 250;
const SHOWN = {
  all: [],
  underWay: ["queued", "running"],
  done: ["done"],
  failed: ["failed", "cancelled"],
} satisfies Record<string, RenderStatus[]>;
type Shown = keyof typeof SHOWN;

export function Library() {
  const [typed, type] = useState("");
  const [which, setWhich] = useState<Shown>("all");
  const search = useSettled(typed.trim(), TYPING_MS);
  const query = useMemo<Query>(() => ({ search, statuses: SHOWN[which] }), [search, which]);
  const list = useLibraryList(query);
  const [selected, select] = useState<ReadonlySet<string>>(new Set());
  const [removing, remove] = useState<Render[] | null>(null);
  const now = useMinute();
  useTitle(words.title);

  const { renders } = list;
  const chosen = renders?.filter(({ id }) => selected.has(id)) ?? [];
  const isFiltered = search !== "" || which !== "all";
  return (
    <div className="library">
      {chosen.length > 0 && (
        <section className="library-chosen" aria-label={words.selection}>
          <strong>{words.selected(chosen.length)}</strong>
          <Button
            kind="danger"
            icon={<Icon name="trash" size={18} />}
            onClick={() => remove(chosen)}
          >
            {texts.renders.remove.start}
          </Button>
          <Button
            kind="quiet"
            icon={<Icon name="close" size={18} />}
            aria-label={words.clear}
            title={words.clear}
            onClick={() => select(new Set())}
          />
        </section>
      )}
      <header className="library-head">
        <h1>{words.title}</h1>
        <p className="library-count" role="status">
          {renders && renders.length > 0 && words.found(renders.length, list.hasMore)}
        </p>
        <div className="library-search">
          <Icon name="search" size={18} />
          <input
            type="search"
            className="input"
            aria-label={words.search}
            placeholder={words.searchHint}
            value={typed}
            onChange={(event) => type(event.target.value)}
          />
        </div>
        <Choices
          label={words.show}
          value={which}
          choices={(["all", "underWay", "done", "failed"] as const).map((value) => ({
            value,
            label: words[value],
          }))}
          onChange={setWhich}
        />
      </header>

      {list.problem !== null && (
        <div className="library-problem" role="alert">
          <Icon name="warning" />
          <p>
            {words.failedToLoad} {explain(list.problem)}
          </p>
          <Button onClick={list.again}>{texts.problems.again}</Button>
        </div>
      )}

      {renders === null ? (
        list.problem === null && <Waiting />
      ) : renders.length === 0 ? (
        list.isReading ? (
          <Waiting />
        ) : isFiltered ? (
          <Empty
            title={words.nothingTitle}
            lead={words.nothingLead}
            action={words.nothingAction}
            onAction={() => {
              type("");
              setWhich("all");
            }}
          />
        ) : (
          <Empty
            title={words.emptyTitle}
            lead={words.emptyLead}
            action={words.emptyAction}
            isMain
            onAction={() => go({ page: "create", from: null })}
          />
        )
      ) : (
        <ul className="library-grid" aria-label={words.title} aria-busy={list.isReading}>
          {renders.map((render) => (
            <Card
              key={render.id}
              render={render}
              now={now}
              isSelecting={chosen.length > 0}
              isSelected={selected.has(render.id)}
              onSelect={(is) => select((ids) => toggled(ids, render.id, is))}
              onRemove={() => remove([render])}
            />
          ))}
        </ul>
      )}

      {list.hasMore && <More isBusy={list.isReading} onMore={list.more} />}
      {removing && (
        <RemoveDialog
          renders={removing}
          onClose={() => remove(null)}
          onDone={(gone) => select((ids) => new Set([...ids].filter((id) => !gone.includes(id))))}
        />
      )}
    </div>
  );
}

/** Reads on when it comes into sight; a button as well, for who does not scroll. */
function More({ isBusy, onMore }: { isBusy: boolean; onMore: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(onMore);
  latest.current = onMore;
  useEffect(() => {
    if (isBusy || !place.current) return;
    const watcher = new IntersectionObserver(
      (seen) => seen.some(({ isIntersecting }) => isIntersecting) && latest.current(),
      { rootMargin: "600px" },
    );
    watcher.observe(place.current);
    return () => watcher.disconnect();
  }, [isBusy]);
  return (
    <div ref={place} className="library-more">
      <Button isBusy={isBusy} onClick={onMore}>
        {words.more}
      </Button>
    </div>
  );
}

interface EmptyProps {
  title: string;
  lead: string;
  action: string;
  isMain?: boolean;
  onAction: () => void;
}

function Empty({ title, lead, action, isMain, onAction }: EmptyProps) {
  return (
    <div className="library-empty">
      <span className="library-empty-icon">
        <Icon name={isMain ? "film" : "search"} size={36} />
      </span>
      <h2>{title}</h2>
      <p>{lead}</p>
      <Button kind={isMain ? "main" : "plain"} onClick={onAction}>
        {action}
      </Button>
    </div>
  );
}

/** The grid as it will be, so that nothing jumps when it comes. */
function Waiting() {
  return (
    <div className="library-grid" aria-busy="true">
      <p className="for-readers">{words.loading}</p>
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} className="card card-waiting" aria-hidden="true">
          <div className="card-still" />
          <div className="card-words" />
        </div>
      ))}
    </div>
  );
}

function toggled(ids: ReadonlySet<string>, id: string, is: boolean): ReadonlySet<string> {
  const to = new Set(ids);
  if (is) to.add(id);
  else to.delete(id);
  return to;
}

/** A value once it has stayed the same for a while. */
function useSettled(value: string, after_ms: number): string {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), value === "" ? 0 : after_ms);
    return () => clearTimeout(timer);
  }, [value, after_ms]);
  return settled;
}

/** The time, told anew every half minute. */
function useMinute(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
