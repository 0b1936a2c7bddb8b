import { useState } from "react";
import { texts } from "../texts";
import { Icon } from "../ui/icon";
import { hasResult, type Render, resultPath } from "./render";
import { useSubtitles } from "./subtitles";

const words = texts.result;

/** The video with its subtitles, in a place of its size before it is there. */
export function Film({ render }: { render: Render }) {
  const { id, report } = render;
  const [isBroken, setBroken] = useState(false);
  const subtitles = useSubtitles(id, hasResult(render, "subtitles"));
  const width = report?.width ?? 1;
  const height = report?.height ?? 1;
  const language = typeof render.options.language === "string" ? render.options.language : "";
  const ratio = { aspectRatio: `${width} / ${height}`, "--ratio": width / height };
  if (isBroken) {
    return (
      <p className="film film-broken" style={ratio} role="alert">
        <Icon name="warning" />
        {words.cannotPlay}
      </p>
    );
  }
  if (render.format === "gif") {
    return (
      <img
        className="film"
        style={ratio}
        src={resultPath(id, "video")}
        alt={render.title}
        onError={() => setBroken(true)}
      />
    );
  }
  return (
    // biome-ignore lint/a11y/useMediaCaption: it has them when the render has.
    <video
      className="film"
      style={ratio}
      src={resultPath(id, "video")}
      poster={hasResult(render, "poster") ? resultPath(id, "poster") : undefined}
      controls
      playsInline
      preload="metadata"
      aria-label={render.title || texts.renders.untitled}
      onError={() => setBroken(true)}
    >
      {subtitles && (
        <track
          key={subtitles}
          kind="subtitles"
          src={subtitles}
          srcLang={language || texts.language}
          label={words.subtitles}
          default
        />
      )}
    </video>
  );
}
