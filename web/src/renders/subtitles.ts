import { useEffect, useState } from "react";
import { resultPath } from "./render";

/** SubRip as WebVTT, which is what browsers show; WebVTT stays as it is. */
export function toVtt(text: string): string {
  const plain = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  if (/^WEBVTT(\s|$)/.test(plain)) return plain;
  const blocks = plain.trim().split(/\n{2,}/);
  const cues = blocks.map((block) =>
    block
      .replace(/^\d+\n(?=.*-->)/, "")
      .replace(/^.*-->.*$/m, (times) => times.replace(/(\d),(\d{3})/g, "$1.$2")),
  );
  return `WEBVTT\n\n${cues.join("\n\n")}\n`;
}

/** Where a <track> finds the subtitles of a render; null while there are none. */
export function useSubtitles(id: string, isThere: boolean): string | null {
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    if (!isThere) return;
    const stop = new AbortController();
    let made: string | null = null;
    fetch(resultPath(id, "subtitles"), { signal: stop.signal, credentials: "same-origin" })
      .then((response) => (response.ok ? response.text() : Promise.reject(response.status)))
      .then((text) => {
        if (stop.signal.aborted) return;
        made = URL.createObjectURL(new Blob([toVtt(text)], { type: "text/vtt" }));
        setUrl(made);
      })
      .catch(() => {
        // The video plays without them, and they can still be downloaded.
      });
    return () => {
      stop.abort();
      if (made) URL.revokeObjectURL(made);
      setUrl(null);
    };
  }, [id, isThere]);
  return url;
}
