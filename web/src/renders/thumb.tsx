import { useEffect, useState } from "react";
import { Icon } from "../ui/icon";
import { pictureOf } from "./calls";
import { hasResult, type Render, resultPath } from "./render";
import "./thumb.css";

/** A still of a render: its poster, or the picture it is made from while there is none. */
export function Thumb({ render, side }: { render: Render; side: 160 | 480 }) {
  const [isBroken, setBroken] = useState(false);
  const hasPoster = hasResult(render, "poster");
  const picture = usePicture(render.id, !hasPoster);
  const source = hasPoster
    ? resultPath(render.id, "poster")
    : picture && `/v1/portraits/${encodeURIComponent(picture)}?side=${side}`;
  return (
    <span className="thumb">
      {source && !isBroken ? (
        <img
          key={source}
          src={source}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => setBroken(true)}
        />
      ) : (
        <Icon name="film" size={side > 200 ? 40 : 20} />
      )}
    </span>
  );
}

const pictures = new Map<string, Promise<string | null>>();

function usePicture(id: string, isNeeded: boolean): string | null {
  const [picture, setPicture] = useState<string | null>(null);
  useEffect(() => {
    if (!isNeeded) return;
    let isHere = true;
    const asked = pictures.get(id) ?? pictureOf(id).catch(() => null);
    pictures.set(id, asked);
    asked.then((found) => isHere && setPicture(found?.startsWith("file_") ? found : null));
    return () => {
      isHere = false;
    };
  }, [id, isNeeded]);
  return picture;
}
