import { type Dispatch, useCallback, useEffect, useRef, useState } from "react";
import { Problem } from "../api/client";
import { upload } from "../api/uploads";
import { texts } from "../texts";
import { explain } from "../ui/explain";
import { tell } from "../ui/toasts";
import type { Source, Step } from "./composition";
import { isVideo } from "./files";
import { type Faces, findFaces, pictureAddress } from "./portraits";

/** The picture as it is known so far. sent: 0..1 while it is on its way. */
export interface Picture {
  /** Where it is shown from; null without one. */
  address: string | null;
  isVideo: boolean;
  sent: number | null;
  faces: Faces | null;
  isLooking: boolean;
  problem: string | null;
}

const NONE: Picture = {
  address: null,
  isVideo: false,
  sent: null,
  faces: null,
  isLooking: false,
  problem: null,
};

/** When a service that was away is asked again. */
const AGAIN_MS = 5000;

/** Sends pictures, finds the faces in them, and says what is wrong. */
export function usePicture(source: Source | null, dispatch: Dispatch<Step>) {
  const [picture, setPicture] = useState<Picture>(NONE);
  const sending = useRef<AbortController | null>(null);
  const local = useRef<{ id: string | null; address: string } | null>(null);

  const forget = useCallback(() => {
    sending.current?.abort();
    if (local.current) URL.revokeObjectURL(local.current.address);
    local.current = null;
  }, []);

  const take = useCallback(
    async (file: File, name = file.name) => {
      forget();
      const stop = new AbortController();
      sending.current = stop;
      const video = isVideo(file);
      const address = URL.createObjectURL(file);
      local.current = { id: null, address };
      dispatch({ do: "source", source: null });
      setPicture({ ...NONE, address: video ? null : address, isVideo: video, sent: 0 });
      try {
        const id = await upload("/v1/portraits", file, {
          signal: stop.signal,
          onSent: (sent) => setPicture((now) => ({ ...now, sent })),
        });
        local.current.id = id;
        dispatch({ do: "source", source: { id, kind: video ? "video" : "still", name } });
      } catch (error) {
        if (stop.signal.aborted) return;
        setPicture((now) => ({ ...now, sent: null, problem: explain(error) }));
      }
    },
    [dispatch, forget],
  );

  const remove = useCallback(() => {
    forget();
    setPicture(NONE);
    dispatch({ do: "source", source: null });
  }, [dispatch, forget]);

  const id = source?.id ?? null;
  const [again, setAgain] = useState<{ id: string | null }>({ id: null });
  useEffect(() => {
    if (!id) return;
    const stop = new AbortController();
    const isMine = local.current?.id === id;
    // Another try leaves what is said until it succeeds.
    if (again.id !== id) {
      setPicture((now) => ({
        ...NONE,
        address: isMine && now.address ? now.address : pictureAddress(id),
        isVideo: now.isVideo,
        isLooking: true,
      }));
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    findFaces(id, stop.signal).then(
      (faces) =>
        setPicture((now) => ({
          ...now,
          address: again.id === id ? (now.address ?? pictureAddress(id)) : now.address,
          faces,
          isVideo: faces.is_video,
          isLooking: false,
          problem: null,
        })),
      (error) => {
        if (stop.signal.aborted) return;
        if (error instanceof Problem && error.code === "offline") {
          timer = setTimeout(() => setAgain({ id }), AGAIN_MS);
        }
        if (error instanceof Problem && error.status === 404) {
          setPicture(NONE);
          dispatch({ do: "source", source: null });
          tell(texts.compose.picture.gone);
          return;
        }
        if (error instanceof Problem && error.status === 422) {
          setPicture({ ...NONE, problem: explain(error) });
          dispatch({ do: "source", source: null });
          return;
        }
        setPicture((now) => ({ ...now, isLooking: false, problem: explain(error) }));
      },
    );
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [id, again, dispatch]);

  /** The browser cannot show the file itself; the service can make one that it shows. */
  const showServed = useCallback(() => {
    setPicture((now) => {
      const served = id && pictureAddress(id);
      return { ...now, address: now.address === served ? null : served };
    });
  }, [id]);

  return { picture, take, remove, showServed };
}
