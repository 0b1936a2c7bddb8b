import { useState } from "react";
import { problemOf } from "../api/client";
import { texts } from "../texts";
import { explain } from "../ui/explain";
import { Icon } from "../ui/icon";
import { tell } from "../ui/toasts";
import { hasResult, type Render, resultPath } from "./render";
import "./panels.css";

const words = texts.result;
const FORMATS = ["mp4", "webm", "gif"] as const;
const BESIDE = ["subtitles", "visemes", "poster", "report"] as const;

/** Everything that came of a render, as files. */
export function Downloads({ render }: { render: Render }) {
  // A GIF has no sound, so no video is made of it.
  const formats = render.format === "gif" ? (["gif"] as const) : FORMATS;
  const beside = BESIDE.filter((kind) => hasResult(render, kind));
  return (
    <section className="panel">
      <h2>{words.download}</h2>
      <ul className="downloads">
        {formats.map((format) => (
          <li key={format}>
            <Video render={render} format={format} />
          </li>
        ))}
      </ul>
      <ul className="downloads downloads-small">
        {beside.map((kind) => (
          <li key={kind}>
            <a
              className="download"
              href={resultPath(render.id, kind)}
              download={fileName(render.title, kind)}
            >
              <strong>{words.formats[kind]}</strong>
              <span>{words.formatHints[kind]}</span>
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** A video of another format than the render's is made when it is first asked for. */
function Video({ render, format }: { render: Render; format: (typeof FORMATS)[number] }) {
  const [isMaking, setMaking] = useState(false);
  const isOwn = render.format === format;
  const path = resultPath(render.id, isOwn ? "video" : `video?format=${format}`);
  const name = `${fileName(render.title)}.${format}`;

  async function make() {
    setMaking(true);
    try {
      // Asked for first, so that the page can say what is going on or wrong.
      const response = await fetch(path, { method: "HEAD" });
      if (!response.ok) {
        const told = await fetch(path);
        throw problemOf(told, await told.json().catch(() => null));
      }
      save(path, name);
    } catch (error) {
      tell(explain(error), { kind: "bad" });
    } finally {
      setMaking(false);
    }
  }

  return (
    <a
      className="download"
      href={path}
      download={name}
      aria-busy={isMaking || undefined}
      onClick={(event) => {
        if (isOwn) return;
        event.preventDefault();
        if (!isMaking) void make();
      }}
    >
      <Icon name="download" size={18} />
      <strong>{words.formats[format]}</strong>
      <span role="status">
        {isMaking ? words.making(words.formats[format]) : words.formatHints[format]}
      </span>
    </a>
  );
}

function save(path: string, name: string) {
  const link = document.createElement("a");
  link.href = path;
  link.download = name;
  link.click();
}

/** A title as the name of a file, on every system. */
export function fileName(title: string, kind?: string): string {
  const plain = title
    .normalize("NFC")
    .replace(/[\\/:*?"<>|\p{Cc}]+/gu, " ")
    .replace(/\s+/g, " ")
    .replace(/^[ .]+|[ .]+$/g, "")
    .slice(0, 80)
    .trim();
  return [plain || "lipsmith", kind].filter(Boolean).join(" ");
}
