import { useCallback, useEffect, useRef, useState } from "react";
import type { RigView } from "../rig";

/** missing: no WebGL here. lost: the graphics card was taken away for now. */
export type RigStatus = "none" | "loading" | "ready" | "missing" | "lost" | "failed";

export interface Rig {
  status: RigStatus;
  view: RigView | null;
  /** Whether a view may still be drawn, which is known here before it is rendered. */
  isOpen: (view: RigView) => boolean;
  /** Where it is drawn; another canvas after the old one's context was lost. */
  canvas: (element: HTMLCanvasElement | null) => void;
  generation: number;
  retry: () => void;
}

const SIDE_PX = 1024;

/** Fetch what draws before there is something to draw. */
export function prepareRig(): void {
  void import("../rig").catch(() => {});
}

/** The face of a picture on a canvas. portrait: null for none. */
export function useRig(portrait: string | null, face: number): Rig {
  const [status, setStatus] = useState<RigStatus>("none");
  const [view, setView] = useState<RigView | null>(null);
  const [generation, setGeneration] = useState(0);
  const [element, setElement] = useState<HTMLCanvasElement | null>(null);
  const file = useRef<{ address: string; bytes: ArrayBuffer } | null>(null);
  const shown = useRef<RigView | null>(null);
  const turns = useRef<Promise<unknown>>(Promise.resolve());
  const close = useCallback(() => {
    shown.current?.dispose();
    shown.current = null;
    setView(null);
  }, []);
  const isOpen = useCallback((one: RigView) => shown.current === one, []);
  const again = useCallback(() => setGeneration((count) => count + 1), []);
  const address =
    portrait && `/v1/portraits/${encodeURIComponent(portrait)}/rig?face=${face}&side=${SIDE_PX}`;

  useEffect(() => {
    if (!address || !element) {
      setStatus("none");
      return;
    }
    const stop = new AbortController();
    setStatus("loading");
    open().then(
      (made) => {
        if (stop.signal.aborted) {
          made.dispose();
          return;
        }
        shown.current = made;
        setView(made);
        setStatus("ready");
      },
      (error) => {
        if (stop.signal.aborted) return;
        console.error("the face cannot be drawn:", error);
        setStatus(hasWebgl() ? "failed" : "missing");
      },
    );

    async function open(): Promise<RigView> {
      if (!address || !element) throw new Error("nothing to draw");
      const [{ RigView }, bytes] = await Promise.all([import("../rig"), read(address)]);
      file.current = { address, bytes };
      // One after the other: two would get into each other's way on one canvas.
      const turn = turns.current.then(async () => {
        stop.signal.throwIfAborted();
        const made = await RigView.open(element, bytes);
        if (stop.signal.aborted) made.dispose();
        stop.signal.throwIfAborted();
        return made;
      });
      turns.current = turn.catch(() => {});
      return turn;
    }

    async function read(from: string): Promise<ArrayBuffer> {
      if (file.current?.address === from) return file.current.bytes;
      const response = await fetch(from, { credentials: "same-origin", signal: stop.signal });
      if (!response.ok) throw new Error(`${response.status}`);
      return response.arrayBuffer();
    }

    return () => {
      stop.abort();
      close();
    };
  }, [address, element, generation, close]);

  useEffect(() => {
    if (!element) return;
    const lost = (event: Event) => {
      event.preventDefault();
      setStatus("lost");
      close();
    };
    element.addEventListener("webglcontextlost", lost);
    element.addEventListener("webglcontextrestored", again);
    return () => {
      element.removeEventListener("webglcontextlost", lost);
      element.removeEventListener("webglcontextrestored", again);
    };
  }, [element, again, close]);

  return { status, view, isOpen, canvas: setElement, generation, retry: again };
}

function hasWebgl(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}
