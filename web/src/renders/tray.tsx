import { type RefObject, useEffect, useId, useRef, useState } from "react";
import { texts } from "../texts";
import { percent } from "../texts/format";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { usePlace } from "../ui/place";
import { ProgressBar } from "../ui/progress";
import { isOver, type Render } from "./render";
import { type Sending, useSending } from "./sending";
import { underWay } from "./state";
import { dismiss, startFollowing, useRenders } from "./store";
import { meanProgress, useProgressInTitle } from "./title-progress";
import { SendingItem, TrayItem } from "./tray-item";
import "./tray.css";

const words = texts.renders.tray;
const GAP_PX = 8;
const WIDE = "(min-width: 62rem)";

/** What is under way, and what ended while one was here; on every page. */
export function Tray() {
  const live = useRenders();
  const sending = useSending();
  const [chosen, choose] = useState<boolean | null>(null);
  // Elsewhere it would hide what one came for.
  const place = usePlace();
  const isOpen = chosen ?? (place.page === "create" && matchMedia(WIDE).matches);
  const list = useId();
  useEffect(startFollowing, []);
  const looked = place.page === "render" ? place.id : null;
  useSeen(looked);

  // What the page is about stands there.
  const going = underWay(live).filter(({ id }) => id !== looked);
  const ended = live.ended
    .map((id) => live.byId.get(id))
    .filter((render) => render !== undefined)
    .filter(({ status }) => status === "done" || status === "failed");
  useProgressInTitle(underWay(live), ended);

  const share = meanProgress(going);
  const isLost = live.connection === "lost";
  const isEmpty = going.length + ended.length + sending.length === 0;
  const corner = useRoom(!isEmpty || live.connection !== "live");
  return (
    <aside ref={corner} className="tray-place" aria-label={words.label}>
      <Announcer ended={ended} isLost={isLost} />
      {isLost && <Reconnecting isBusy={underWay(live).length > 0} />}
      {live.connection === "refused" && <SignedOut />}
      {!isEmpty && (
        <section className="tray">
          <div className="tray-bar">
            <button
              type="button"
              className="tray-head"
              aria-expanded={isOpen}
              aria-controls={list}
              onClick={() => choose(!isOpen)}
            >
              <Summary going={going} ended={ended} sending={sending} isOpen={isOpen} />
              <Icon name={isOpen ? "down" : "up"} size={18} />
            </button>
            {going.length + sending.length === 0 && (
              <Button
                kind="quiet"
                icon={<Icon name="close" size={18} />}
                aria-label={words.dismissAll}
                title={words.dismissAll}
                onClick={() => dismiss(...live.ended)}
              />
            )}
          </div>
          {!isOpen && going.length > 0 && <ProgressBar label={words.label} share={share} />}
          <ul id={list} className="tray-list" hidden={!isOpen}>
            {sending.map((one) => (
              <SendingItem key={one.key} sending={one} />
            ))}
            {going.map((render) => (
              <TrayItem key={render.id} render={render} />
            ))}
            {ended.map((render) => (
              <TrayItem key={render.id} render={render} />
            ))}
          </ul>
        </section>
      )}
    </aside>
  );
}

interface SummaryProps {
  going: Render[];
  ended: Render[];
  sending: readonly Sending[];
  isOpen: boolean;
}

function Summary({ going, ended, sending, isOpen }: SummaryProps) {
  const count = going.length + sending.length;
  const share = meanProgress(going);
  const [only] = [...going, ...ended];
  const title = only?.title || texts.renders.untitled;
  const text =
    count > 1
      ? words.many(count)
      : count === 1
        ? (going[0]?.title ?? sending[0]?.title) || texts.renders.untitled
        : ended.some(({ status }) => status === "failed")
          ? isOpen
            ? texts.renders.status.failed
            : words.hasFailed(title)
          : words.allDone;
  return (
    <span className="tray-summary">
      <span className="tray-summary-text">
        {isOpen && count < 2 && count > 0 ? words.label : text}
      </span>
      {share >= 0.01 && <span className="tray-share">{percent(share)}</span>}
    </span>
  );
}

function Reconnecting({ isBusy }: { isBusy: boolean }) {
  return (
    <div className="tray-lost">
      <Icon name="warning" size={18} />
      <p>
        <strong>{words.reconnecting}</strong> {isBusy && words.reconnectingLead}
      </p>
    </div>
  );
}

function SignedOut() {
  return (
    <div className="tray-lost" role="alert">
      <Icon name="warning" size={18} />
      <p>{words.signedOut}</p>
      <Button onClick={() => location.reload()}>{texts.session.enter}</Button>
    </div>
  );
}

/** Tells readers what ended. */
function Announcer({ ended, isLost }: { ended: Render[]; isLost: boolean }) {
  const last = ended.at(-1);
  const title = last?.title || texts.renders.untitled;
  const told = last && (last.status === "done" ? words.isDone(title) : words.hasFailed(title));
  return (
    <p className="for-readers" role="status">
      {isLost ? words.reconnecting : told}
    </p>
  );
}

/** What one looks at is no news any more. */
function useSeen(id: string | null) {
  const live = useRenders();
  useEffect(() => {
    if (id !== null && isOver(live.byId.get(id)?.status ?? "running")) dismiss(id);
  }, [id, live]);
}

/** Lets the page leave room below, so that nothing stays hidden behind the tray. */
function useRoom(isShown: boolean): RefObject<HTMLElement | null> {
  const place = useRef<HTMLElement>(null);
  useEffect(() => {
    const { documentElement: page } = document;
    page.classList.toggle("has-tray", isShown);
    const watcher = new ResizeObserver(() => {
      const height = place.current?.offsetHeight ?? 0;
      page.style.setProperty("--tray-height", height > 0 ? `${height + GAP_PX}px` : "0px");
    });
    if (place.current) watcher.observe(place.current);
    return () => watcher.disconnect();
  }, [isShown]);
  return place;
}
