import { useEffect, useRef, useState } from "react";

/** Files that are dropped or pasted anywhere on the page. Tells whether some hover over it. */
export function usePageFiles(isTaken: boolean, take: (files: File[]) => void): boolean {
  const [hovers, setHovers] = useState(false);
  const latest = useRef(take);
  latest.current = take;

  useEffect(() => {
    if (!isTaken) return;
    let depth = 0;
    const stop = new AbortController();
    const { signal } = stop;
    const over = (now: number) => {
      depth = Math.max(now, 0);
      setHovers(depth > 0);
    };
    const enter = (event: DragEvent) => hasFiles(event) && over(depth + 1);
    const leave = (event: DragEvent) => hasFiles(event) && over(depth - 1);
    const drag = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      over(0);
      latest.current([...(event.dataTransfer?.files ?? [])]);
    };
    const paste = (event: ClipboardEvent) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length === 0) return;
      event.preventDefault();
      latest.current(files);
    };
    addEventListener("dragenter", enter, { signal });
    addEventListener("dragleave", leave, { signal });
    addEventListener("dragover", drag, { signal });
    addEventListener("drop", drop, { signal });
    addEventListener("paste", paste, { signal });
    return () => {
      stop.abort();
      setHovers(false);
    };
  }, [isTaken]);
  return hovers;
}

function hasFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes("Files") ?? false;
}
