import { useId } from "react";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";

interface Props {
  missing: "source" | "words" | null;
  isSending: boolean;
  isFaceless: boolean;
  onRender: () => void;
  /** It was asked for too early. */
  onMissing: () => void;
}

const words = texts.compose.render;

/** The way to the film, and what it still needs. */
export function RenderBar({ missing, isSending, isFaceless, onRender, onMissing }: Props) {
  const id = useId();
  const needs = isSending
    ? words.busy
    : isFaceless
      ? words.faceless
      : missing
        ? words.needs[missing]
        : null;
  return (
    <div className="render-bar">
      <Button
        kind="main"
        className="render-start"
        icon={<Icon name="play" />}
        aria-disabled={needs !== null || undefined}
        aria-describedby={`${id}-told`}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        onClick={needs === null ? onRender : onMissing}
      >
        {words.start}
      </Button>
      <p
        id={`${id}-told`}
        className="render-told"
        role="status"
        data-plain={needs === null || undefined}
      >
        {needs ?? words.lead}
      </p>
    </div>
  );
}
