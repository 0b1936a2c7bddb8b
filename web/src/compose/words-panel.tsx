import type { Dispatch } from "react";
import { texts } from "../texts";
import { Choices } from "../ui/choices";
import { Field } from "../ui/field";
import { Icon } from "../ui/icon";
import type { Composition, Step } from "./composition";
import { DroppedWords } from "./dropped-words";
import { RecordedWords } from "./recorded-words";
import { TypedWords } from "./typed-words";
import type { SoundFile } from "./use-sound-file";
import { VoiceAdjust } from "./voice-adjust";
import { VoicePicker } from "./voice-picker";
import { partsOf, usableVoices, type Voice, variantName, variants } from "./voices";
import "./words-panel.css";

interface Props {
  of: Composition;
  dispatch: Dispatch<Step>;
  voices: readonly Voice[];
  /** What it is said with when nothing was chosen. */
  usual: Voice | undefined;
  sound: SoundFile;
  exact_s: number | null;
}

const words = texts.compose.words;

/** What the portrait says: typed, recorded, or from a file. */
export function WordsPanel({ of, dispatch, voices, usual, sound, exact_s }: Props) {
  const set = (to: Partial<Composition>) => dispatch({ do: "set", to });
  const chosen = of.voice ?? usual?.name ?? "";
  const parts = partsOf(chosen);
  const voice = voices.find(({ name }) => name === parts.name);
  const character = variants(voices).find(({ name }) => name === parts.variant);
  const hasSound = of.speaking === "record" ? of.recorded !== null : of.dropped !== null;
  return (
    <section className="words" aria-label={words.title}>
      <Choices
        label={words.how}
        value={of.speaking}
        choices={[
          { value: "text", label: words.text, icon: <Icon name="text" size={18} /> },
          { value: "record", label: words.record, icon: <Icon name="microphone" size={18} /> },
          { value: "file", label: words.file, icon: <Icon name="sound" size={18} /> },
        ]}
        onChange={(speaking) => set({ speaking })}
      />
      {of.speaking === "text" && (
        <>
          <TypedWords
            text={of.text}
            rate={of.rate}
            exact_s={exact_s}
            onText={(text) => set({ text })}
          />
          <VoicePicker
            voices={usableVoices(voices)}
            chosen={chosen || null}
            character={character ? variantName(character) : ""}
            onChoose={(name) => set({ voice: name })}
          />
          <VoiceAdjust
            voices={voices}
            voice={voice}
            chosen={chosen}
            rate={of.rate}
            pitch={of.pitch}
            onSet={set}
          />
        </>
      )}
      {of.speaking === "record" && (
        <RecordedWords
          recorded={of.recorded}
          onRecorded={(recorded) => dispatch({ do: "recorded", sound: recorded })}
        />
      )}
      {of.speaking === "file" && (
        <DroppedWords dropped={of.dropped} exact_s={exact_s} file={sound} />
      )}
      {of.speaking !== "text" && hasSound && (
        <Field label={texts.compose.transcript.label} hint={texts.compose.transcript.hint}>
          {(control) => (
            <textarea
              {...control}
              className="input"
              rows={3}
              dir="auto"
              value={of.transcript}
              onChange={(event) => set({ transcript: event.target.value })}
            />
          )}
        </Field>
      )}
    </section>
  );
}
