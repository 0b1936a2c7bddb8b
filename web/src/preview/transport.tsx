import { texts } from "../texts";
import { Icon } from "../ui/icon";
import { Slider } from "../ui/slider";
import { Switch } from "../ui/switch";
import { ExportButton } from "./export-button";
import type { Player, Playing } from "./player";
import type { PoseReader } from "./poses";
import { Readout } from "./readout";
import { Scrubber } from "./scrubber";
import type { Word } from "./track";
import "./transport.css";

interface Props {
  player: Player;
  playing: Playing;
  words: readonly Word[];
  reader: PoseReader | null;
  isOff: boolean;
  /** What is played is about to be replaced. */
  isMaking?: boolean;
  /** Nothing to play yet; its room is kept. */
  isHidden: boolean;
}

interface ActingProps extends Pick<Props, "player" | "playing" | "isOff" | "isHidden"> {
  /** Where the face is as a 3D model. */
  model: string | null;
  expression: number;
  motion: number;
  onFeel: (feel: { expression?: number; motion?: number }) => void;
  talksAlong: boolean;
  onTalksAlong: (on: boolean) => void;
}

const RATES = [0.5, 0.75, 1, 1.25, 1.5, 2];

/** What one plays the preview with. */
export function Transport(props: Props) {
  const { player, playing, words, reader, isOff } = props;
  const { isPlaying } = playing;
  return (
    <section
      className="transport"
      data-hidden={props.isHidden || undefined}
      aria-label={texts.preview.label}
    >
      <div className="transport-row">
        <button
          type="button"
          className="transport-play"
          aria-label={isPlaying ? texts.preview.pause : texts.preview.play}
          aria-keyshortcuts="Space"
          data-busy={props.isMaking || undefined}
          disabled={isOff}
          onClick={() => player.toggle()}
        >
          <Icon name={isPlaying ? "pause" : "play"} size={24} />
        </button>
        <Scrubber {...{ player, playing, words, isOff }} />
      </div>
      <Readout {...{ player, playing, words, reader }} />
    </section>
  );
}

/** How it acts and how it is played; changes are seen at once. */
export function Acting(props: ActingProps) {
  const { player, playing, isOff } = props;
  const { isLooping, rate } = playing;
  return (
    <section
      className="acting"
      data-hidden={props.isHidden || undefined}
      aria-label={texts.preview.acting}
    >
      <div className="transport-feel">
        <Slider
          label={texts.preview.expression}
          value={props.expression}
          min={0}
          max={2}
          step={0.05}
          usual={1}
          shown={(value) => wordFor(texts.preview.expressions, value)}
          onChange={(expression) => props.onFeel({ expression })}
        />
        <Slider
          label={texts.preview.motion}
          value={props.motion}
          min={0}
          max={2}
          step={0.05}
          usual={1}
          shown={(value) => wordFor(texts.preview.motions, value)}
          onChange={(motion) => props.onFeel({ motion })}
        />
      </div>
      <div className="transport-more">
        <Switch label={texts.preview.auto} isOn={props.talksAlong} onChange={props.onTalksAlong} />
        <button
          type="button"
          className="transport-small"
          aria-label={texts.preview.loop}
          title={texts.preview.loop}
          aria-pressed={isLooping}
          disabled={isOff}
          onClick={() => player.setLooping(!isLooping)}
        >
          <Icon name="again" size={18} />
        </button>
        <select
          className="transport-small transport-rate"
          aria-label={texts.preview.speed}
          title={texts.preview.speed}
          value={rate}
          disabled={isOff}
          onChange={(event) => player.setRate(Number(event.target.value))}
        >
          {RATES.map((each) => (
            <option key={each} value={each}>
              {each}×
            </option>
          ))}
        </select>
        {props.model && <ExportButton address={props.model} />}
      </div>
    </section>
  );
}

/** 0..2 as one of the words. */
function wordFor(words: readonly string[], value: number): string {
  return words[Math.round((value / 2) * (words.length - 1))] ?? "";
}
