import { type CSSProperties, type ReactNode, useState } from "react";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { FileButton } from "../ui/file-button";
import { Icon } from "../ui/icon";
import { ProgressBar } from "../ui/progress";
import { Ambient } from "./ambient";
import { FaceOutlines, problemWords } from "./faces";
import { PICTURE_TYPES } from "./files";
import type { Picture } from "./use-picture";
import "./stage.css";

interface Props {
  picture: Picture;
  portrait: string | null;
  face: number;
  isPlaying: boolean;
  /** A file hovers over the page. */
  isAwaited: boolean;
  onFace: (face: number) => void;
  onFile: (file: File) => void;
  onCamera: () => void;
  onSample: () => void;
  onRemove: () => void;
  onUnshown: () => void;
  /** The face that talks, over the picture. */
  children: ReactNode;
  /** What is said below the picture, most important first. */
  notes: ReactNode;
}

const words = texts.compose.picture;

/** Where the picture is, and then talks: one place of one size, whatever is in it. */
export function Stage(props: Props) {
  const { picture, isAwaited } = props;
  const isEmpty = picture.address === null && picture.sent === null && !picture.isVideo;
  return (
    <div className="stage" data-awaited={isAwaited || undefined}>
      {isEmpty || (picture.problem && !props.portrait) ? (
        <EmptyStage {...props} />
      ) : (
        <Shown {...props} />
      )}
      {isAwaited && (
        <div className="stage-drop" aria-hidden="true">
          <Icon name="image" size={40} />
          <p>{words.release}</p>
        </div>
      )}
    </div>
  );
}

function EmptyStage({ picture, onFile, onCamera, onSample }: Props) {
  const [canDrop] = useState(() => !matchMedia("(hover: none)").matches);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the first button does the same.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the first button does the same.
    <div
      className="stage-empty"
      onClick={({ target, currentTarget }) => {
        if (target instanceof Element && target.closest("button, input")) return;
        currentTarget.querySelector<HTMLElement>("input[type=file]")?.click();
      }}
    >
      <span className="stage-art">
        <Icon name="image" size={44} />
      </span>
      <h2>{canDrop ? words.drop : words.start}</h2>
      {picture.problem ? (
        <p className="stage-problem" role="alert">
          {picture.problem}
        </p>
      ) : (
        <p>{canDrop ? words.lead : words.startLead}</p>
      )}
      <div className="stage-ways">
        <FileButton kind="main" icon={<Icon name="image" />} accept={PICTURE_TYPES} onFile={onFile}>
          {words.choose}
        </FileButton>
        <Button icon={<Icon name="camera" />} onClick={onCamera}>
          {words.camera}
        </Button>
      </div>
      <Button kind="quiet" className="stage-sample" onClick={onSample}>
        {words.sample}
      </Button>
    </div>
  );
}

function Shown(props: Props) {
  const { picture, face } = props;
  const [natural, setNatural] = useState<{ of: string; width: number; height: number } | null>(
    null,
  );
  const known = picture.faces ?? (natural?.of === picture.address ? natural : null);
  const shape = {
    "--shape": known ? known.width / known.height : 1,
  } as CSSProperties;
  return (
    <>
      {picture.address && <Ambient address={picture.address} />}
      <div className="stage-picture" style={shape} data-known={known ? true : undefined}>
        {picture.address && (
          <img
            src={picture.address}
            alt={words.alt}
            draggable={false}
            onLoad={({ currentTarget: image }) =>
              setNatural({
                of: picture.address ?? "",
                width: image.naturalWidth,
                height: image.naturalHeight,
              })
            }
            onError={props.onUnshown}
          />
        )}
        {props.children}
        {picture.faces && (
          <FaceOutlines
            faces={picture.faces}
            chosen={face}
            isQuiet={props.isPlaying}
            onChoose={props.onFace}
          />
        )}
      </div>
      <div className="stage-tools">
        <FileButton
          kind="quiet"
          icon={<Icon name="image" size={18} />}
          accept={PICTURE_TYPES}
          onFile={props.onFile}
        >
          {words.change}
        </FileButton>
        <Button
          kind="quiet"
          icon={<Icon name="camera" size={18} />}
          aria-label={words.camera}
          title={words.camera}
          onClick={props.onCamera}
        />
        <Button
          kind="quiet"
          icon={<Icon name="close" size={18} />}
          aria-label={words.remove}
          title={words.remove}
          onClick={props.onRemove}
        />
      </div>
      <div className="stage-notes">
        {picture.sent !== null && (
          <div className="stage-note">
            <p>{words.sending}</p>
            <ProgressBar label={words.sending} share={picture.sent} />
          </div>
        )}
        <Complaint {...props} />
        {props.notes}
      </div>
    </>
  );
}

/** What is wrong with the picture or the face that is chosen. */
function Complaint({ picture, face }: Props) {
  if (picture.isLooking) return <p className="stage-note">{words.looking}</p>;
  const one = picture.faces?.faces.find(({ number }) => number === face);
  const told = picture.problem ?? problemWords(picture.faces?.problem ?? one?.problem ?? null);
  if (!told) return null;
  return (
    <p className="stage-note stage-note-bad" role="alert">
      <Icon name="warning" size={18} />
      <span>{told}</span>
    </p>
  );
}
