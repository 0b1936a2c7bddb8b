import { type Dispatch, useCallback, useRef, useState } from "react";
import { upload } from "../api/uploads";
import { explain } from "../ui/explain";
import type { Step } from "./composition";

export interface SoundFile {
  /** 0..1 while it is on its way. */
  sent: number | null;
  problem: string | null;
  take: (file: File) => void;
}

/** Sends a sound file, and finds out how long it is. */
export function useSoundFile(dispatch: Dispatch<Step>): SoundFile {
  const [sent, setSent] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const sending = useRef<AbortController | null>(null);

  const take = useCallback(
    async (file: File) => {
      sending.current?.abort();
      const stop = new AbortController();
      sending.current = stop;
      const { signal } = stop;
      setProblem(null);
      setSent(0);
      dispatch({ do: "set", to: { speaking: "file" } });
      try {
        const [id, length_s] = await Promise.all([
          upload("/v1/audio", file, { signal, onSent: setSent }),
          lengthOf(file),
        ]);
        dispatch({ do: "dropped", sound: { id, name: file.name, length_s } });
      } catch (error) {
        if (signal.aborted) return;
        setProblem(explain(error));
      }
      if (!signal.aborted) setSent(null);
    },
    [dispatch],
  );
  return { sent, problem, take };
}

/** In s; 0 for what the browser cannot read. */
function lengthOf(file: File): Promise<number> {
  return new Promise((done) => {
    const address = URL.createObjectURL(file);
    const sound = new Audio();
    const end = (length_s: number) => {
      URL.revokeObjectURL(address);
      done(Number.isFinite(length_s) ? length_s : 0);
    };
    sound.onloadedmetadata = () => end(sound.duration);
    sound.onerror = () => end(0);
    setTimeout(() => end(0), 3000);
    sound.src = address;
  });
}
