import { texts } from "../texts";
import { Button } from "../ui/button";
import { Select } from "../ui/select";
import { Slider } from "../ui/slider";
import type { Composition } from "./composition";
import { partsOf, type Voice, variantName, variants } from "./voices";

interface Props {
  voices: readonly Voice[];
  voice: Voice | undefined;
  chosen: string;
  rate: number | null;
  pitch: number | null;
  onSet: (to: Partial<Composition>) => void;
}

const words = texts.compose.voice;
const USUAL_RATE = 175;
const USUAL_PITCH = 50;
/** Engines whose voices have a pitch to set; the others keep theirs. */
const PITCHED = ["espeak", "edge"];

/** How the voice speaks, away from how it speaks by itself. */
export function VoiceAdjust({ voices, voice, chosen, rate, pitch, onSet }: Props) {
  const { name, variant } = partsOf(chosen);
  const isPlain = rate === null && pitch === null && variant === "";
  return (
    <details className="adjust">
      <summary>{words.adjust}</summary>
      <div className="adjust-inside">
        {voice?.engine === "espeak" && (
          <Select
            label={words.character}
            value={variant}
            choices={[{ value: "", label: words.plain }, ...characters(voices)]}
            onChange={(behind) => onSet({ voice: name + behind })}
          />
        )}
        <Slider
          label={words.speed}
          value={rate ?? USUAL_RATE}
          min={80}
          max={450}
          step={5}
          shown={(value) => (rate === null ? words.speedOwn : words.speedShown(String(value)))}
          onChange={(to) => onSet({ rate: to })}
        />
        {PITCHED.includes(voice?.engine ?? "") && (
          <Slider
            label={words.pitch}
            value={pitch ?? USUAL_PITCH}
            min={0}
            max={99}
            step={1}
            shown={(value) => (pitch === null ? words.pitchOwn : String(value))}
            onChange={(to) => onSet({ pitch: to })}
          />
        )}
        <Button
          kind="quiet"
          disabled={isPlain}
          onClick={() => onSet({ rate: null, pitch: null, voice: name || null })}
        >
          {words.reset}
        </Button>
      </div>
    </details>
  );
}

function characters(voices: readonly Voice[]) {
  return variants(voices)
    .map((each) => ({ value: each.name, label: nameOf(each) }))
    .sort((a, b) => a.label.localeCompare(b.label, undefined, { numeric: true }));
}

function nameOf(each: Voice): string {
  const label = variantName(each);
  const gender = { female: words.female, male: words.male }[each.gender];
  const isTold = !gender || label.toLowerCase().startsWith(gender);
  return isTold ? label : `${label}, ${gender}`;
}
