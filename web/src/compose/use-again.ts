import { type Dispatch, useEffect } from "react";
import { answer, service } from "../api/client";
import { texts } from "../texts";
import { go } from "../ui/place";
import { tell } from "../ui/toasts";
import { compositionOf } from "./again";
import type { RenderFields, Step } from "./composition";
import { findFaces } from "./portraits";

/** Fills the form with what a render was asked with, and leaves the address for the plain one. */
export function useAgain(from: string | null, dispatch: Dispatch<Step>): void {
  useEffect(() => {
    if (!from) return;
    const stop = new AbortController();
    load(from, stop.signal).then(
      (step) => {
        if (stop.signal.aborted) return;
        dispatch(step);
        tell(texts.compose.again.loaded);
        go({ page: "create", from: null });
      },
      () => {
        if (stop.signal.aborted) return;
        tell(texts.compose.again.failed, { kind: "bad" });
        go({ page: "create", from: null });
      },
    );
    return () => stop.abort();
  }, [from, dispatch]);
}

async function load(id: string, signal: AbortSignal): Promise<Step> {
  const path = { render_id: id };
  const asked = (await answer(
    service.GET("/v1/renders/{render_id}/request", { params: { path }, signal }),
  )) as RenderFields;
  const { is_video } = await findFaces(asked.portrait, signal);
  return { do: "load", composition: compositionOf(asked, is_video ? "video" : "still") };
}
