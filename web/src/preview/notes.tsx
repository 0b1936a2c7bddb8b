import { texts } from "../texts";
import { Button } from "../ui/button";
import { explain } from "../ui/explain";
import { Icon } from "../ui/icon";
import { PREVIEWED_S } from "./track";
import type { Preview } from "./use-preview";

const words = texts.preview;

/** What keeps the preview from talking, or from talking as one would think. */
export function PreviewNotes({ preview, isVideo }: { preview: Preview; isVideo: boolean }) {
  const { rig, problem, isMaking, track } = preview;
  if (problem) {
    return (
      <p className="stage-note stage-note-bad" role="alert">
        <Icon name="warning" size={18} />
        <span>{explain(problem)}</span>
      </p>
    );
  }
  if (rig.status === "failed") {
    return (
      <p className="stage-note stage-note-bad" role="alert">
        <span>
          {words.failed} {words.failedLead}
        </span>
        <Button kind="quiet" onClick={rig.retry}>
          {words.retry}
        </Button>
      </p>
    );
  }
  const told = isVideo
    ? texts.compose.picture.isVideo
    : rig.status === "missing"
      ? words.noWebgl
      : rig.status === "lost"
        ? words.lost
        : rig.status === "loading"
          ? words.preparing
          : isMaking && !track
            ? words.making
            : track && track.duration_s >= PREVIEWED_S
              ? words.long
              : null;
  return (
    <div role="status" className="stage-told">
      {told && <p className="stage-note">{told}</p>}
    </div>
  );
}
