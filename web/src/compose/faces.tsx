import { type CSSProperties, useId } from "react";
import { texts } from "../texts";
import type { Face, Faces } from "./portraits";
import "./faces.css";

interface Props {
  faces: Faces;
  chosen: number;
  /** They are in the way while the portrait talks. */
  isQuiet: boolean;
  onChoose: (face: number) => void;
}

const words = texts.compose.picture;

/** The faces that were found, outlined on the picture; a group of radio buttons. */
export function FaceOutlines({ faces, chosen, isQuiet, onChoose }: Props) {
  const name = useId();
  const able = faces.faces.filter((face) => face.number !== null).length;
  return (
    <fieldset
      className="faces"
      data-quiet={isQuiet || undefined}
      data-single={faces.faces.length === 1 || undefined}
    >
      <legend className="for-readers">{words.faces}</legend>
      {faces.faces.map((face, i) =>
        face.number === null ? (
          <span
            key={`not-${face.box.join()}`}
            className="face face-not"
            style={place(face, faces)}
            title={problemWords(face.problem)}
          >
            <span className="for-readers">{words.faceNot(i + 1, problemWords(face.problem))}</span>
          </span>
        ) : (
          <label key={face.number} className="face" style={place(face, faces)}>
            <input
              type="radio"
              className="face-radio"
              name={name}
              checked={face.number === chosen}
              aria-label={words.face(face.number + 1, able)}
              onChange={() => onChoose(face.number ?? 0)}
            />
            {able > 1 && <span className="face-number">{face.number + 1}</span>}
          </label>
        ),
      )}
    </fieldset>
  );
}

/** What is wrong with a face, kindly; nothing when nothing is. */
export function problemWords(problem: { code: string; detail: string } | null): string {
  if (!problem) return "";
  const known: Record<string, string> = texts.compose.problems;
  return known[problem.code] ?? problem.detail;
}

function place({ box }: Face, { width, height }: Faces): CSSProperties {
  const [left, top, wide, high] = box;
  return {
    left: `${(100 * left) / width}%`,
    top: `${(100 * top) / height}%`,
    width: `${(100 * wide) / width}%`,
    height: `${(100 * high) / height}%`,
  };
}
