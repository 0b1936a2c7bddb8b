import { type Dispatch, useCallback, useEffect, useRef, useState } from "react";
import { Problem } from "../api/client";
import { upload } from "../api/uploads";
import { texts } from "../texts";
import { explain } from "../ui/explain";
import type { Source, Step } from "./composition";
import { isVideo } from "./files";
import { type Faces, findFaces, pictureAddress } from "./portraits";

/** The picture as it is known so far. sent: 0..1 while it is on its way. */
export interface Picture {
  /** Where it is shown from; null without one. */
  address: string | null;
  isVideo: boolean;
  sent: number | null;
  /** Whose faces these are. */
  id: string | null;
  faces: Faces | null;
  isLooking: boolean;
  problem: string | null;
}

const NONE: Picture = {
  address: null,
  isVideo: false,
  sent: null,
  id: null,
  faces: null,
  isLooking: false,
  problem: null,
};

/** After how long a service that does not answer is asked again. */
const RETRY_MS = 3000;

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
  useEffect(() => {
    if (!id) return;
    const stop = new AbortController();
    const { signal } = stop;
    let timer = 0;
    const isMine = local.current?.id === id;
    setPicture((now) => ({
      ...NONE,
      address: isMine && now.address ? now.address : pictureAddress(id),
      isVideo: now.isVideo,
      isLooking: true,
    }));
    look();
    return () => {
      clearTimeout(timer);
      stop.abort();
    };

    async function look() {
      try {
        const faces = await findFaces(id ?? "", signal);
        const { is_video: isVideo } = faces;
        setPicture((now) => ({
          ...now,
          address: now.address ?? pictureAddress(id ?? ""),
          id,
          faces,
          isVideo,
          isLooking: false,
          problem: null,
        }));
      } catch (error) {
        if (!signal.aborted) fail(error);
      }
    }

    function fail(error: unknown) {
      const isProblem = error instanceof Problem;
      if (isProblem && (error.status === 404 || error.status === 422)) {
        const problem = error.status === 404 ? texts.compose.picture.gone : error.message;
        setPicture({ ...NONE, problem });
        dispatch({ do: "source", source: null });
        return;
      }
      setPicture((now) => ({ ...now, isLooking: false, problem: explain(error) }));
      if (isProblem && error.code === "offline") timer = window.setTimeout(look, RETRY_MS);
    }
  }, [id, dispatch]);

  /** The browser cannot show the file itself; the service can make one that it shows. */
  const showServed = useCallback(() => {
    setPicture((now) => {
      const served = id && pictureAddress(id);
      return { ...now, address: now.address === served ? null : served };
    });
  }, [id]);

  // Those of the last picture are not taken for those of the next one.
  const seen = picture.faces && picture.id !== id ? { ...picture, faces: null } : picture;
  return { picture: seen, take, remove, showServed };
}
