/** Rectangles of the frame as geometry. */

import { BufferAttribute, BufferGeometry } from "three";
import type { Rect } from "./file";

/** One rectangle. */
export function quad(rect: Rect): BufferGeometry {
  return geometry([rect]);
}

/** `outer` without `inner`. */
export function ring(outer: Rect, inner: Rect): BufferGeometry {
  const { left, top, width } = outer;
  const right = left + width;
  const bottom = top + outer.height;
  const innerRight = inner.left + inner.width;
  const innerBottom = inner.top + inner.height;
  return geometry([
    { left, top, width, height: inner.top - top },
    { left, top: innerBottom, width, height: bottom - innerBottom },
    { left, top: inner.top, width: inner.left - left, height: inner.height },
    { left: innerRight, top: inner.top, width: right - innerRight, height: inner.height },
  ]);
}

function geometry(rects: Rect[]): BufferGeometry {
  const places: number[] = [];
  for (const { left, top, width, height } of rects) {
    if (width <= 0 || height <= 0) continue;
    const right = left + width;
    const bottom = top + height;
    places.push(left, top, right, top, right, bottom, left, top, right, bottom, left, bottom);
  }
  const made = new BufferGeometry();
  made.setAttribute("position", new BufferAttribute(new Float32Array(places), 2));
  return made;
}
