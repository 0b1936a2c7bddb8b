import type { components } from "./schema";

/** Something that happened to a render. id: rises over all renders, so that one can resume. */
export type RenderEvent = components["schemas"]["EventView"];

interface Listener {
  onEvent: (event: RenderEvent) => void;
  /** The stream stands, for the first time or again. */
  onOpen: () => void;
  /** It broke; it is opened again by itself. */
  onLost: () => void;
}

const FIRST_WAIT_MS = 500;
const MOST_WAIT_MS = 8000;
/** The service sends something every 5 seconds. */
const SILENCE_MS = 12_000;

/**
 * Follow all renders over one connection, which is taken up behind the last event that came.
 *
 * The browser's own reconnecting gives up when a proxy answers in the service's place, so a broken
 * stream is closed and another one opened; so is one on which nothing comes, as after a sleep of
 * the machine. Returns what ends it.
 */
export function followRenders({ onEvent, onOpen, onLost }: Listener): () => void {
  let last = "";
  let wait = FIRST_WAIT_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource | null = null;
  let silence: ReturnType<typeof setTimeout> | undefined;

  function open() {
    close();
    const opened = new EventSource(`/v1/events${last && `?after=${last}`}`);
    source = opened;
    const lost = () => {
      if (source !== opened) return;
      close();
      onLost();
      timer = setTimeout(open, wait);
      wait = Math.min(2 * wait, MOST_WAIT_MS);
    };
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(lost, SILENCE_MS);
    };
    heard();
    opened.addEventListener("begin", (message) => {
      heard();
      last = message.lastEventId;
      wait = FIRST_WAIT_MS;
      onOpen();
    });
    opened.addEventListener("progress", (message) => {
      heard();
      last = message.lastEventId;
      onEvent(JSON.parse(message.data) as RenderEvent);
    });
    opened.addEventListener("ping", heard);
    opened.onerror = lost;
  }

  function close() {
    clearTimeout(timer);
    clearTimeout(silence);
    source?.close();
    source = null;
  }

  /** Who looks at the page, or comes back to a network, does not wait. */
  function hurry() {
    if (source === null && !document.hidden) open();
  }

  open();
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  return () => {
    close();
    removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
  };
}
