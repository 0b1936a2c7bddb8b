import { texts } from "../texts";
import { playingTime } from "../texts/format";
import { FileButton } from "../ui/file-button";
import { Icon } from "../ui/icon";
import { ProgressBar } from "../ui/progress";
import type { Sound } from "./composition";
import { SOUND_TYPES } from "./files";
import type { SoundFile } from "./use-sound-file";
import "./sounds.css";

interface Props {
  dropped: Sound | null;
  /** When the preview knows how long it is, in s. */
  exact_s: number | null;
  file: SoundFile;
}

const words = texts.compose.file;

/** A sound file that is spoken; it can be dropped anywhere on the page, too. */
export function DroppedWords({ dropped, exact_s, file }: Props) {
  const length_s = exact_s ?? dropped?.length_s ?? 0;
  return (
    <div className="sound">
      {dropped ? (
        <div className="sound-kept">
          <Icon name="sound" />
          <span className="sound-name">{dropped.name || texts.compose.words.file}</span>
          <span className="sound-length">{length_s > 0 && playingTime(length_s)}</span>
        </div>
      ) : (
        <p className="sound-lead">
          {words.drop}
          <br />
          <span className="field-hint">{words.lead}</span>
        </p>
      )}
      {file.sent !== null && <ProgressBar label={words.sending} share={file.sent} />}
      {file.problem && (
        <p className="field-error" role="alert">
          {file.problem}
        </p>
      )}
      <FileButton
        kind={dropped ? "plain" : "main"}
        icon={<Icon name="sound" />}
        accept={SOUND_TYPES}
        isBusy={file.sent !== null}
        onFile={file.take}
      >
        {dropped ? words.change : words.choose}
      </FileButton>
    </div>
  );
}
