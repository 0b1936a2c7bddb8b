import { useState } from "react";
import { upload } from "../api/uploads";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { explain } from "../ui/explain";
import { Field } from "../ui/field";
import { FileButton } from "../ui/file-button";
import { Icon } from "../ui/icon";
import { Select } from "../ui/select";
import { Switch } from "../ui/switch";
import { tell } from "../ui/toasts";
import { type Composition, changedOptions, EMPTY } from "./composition";
import { offered } from "./engines";
import { BACKDROP_TYPES } from "./files";
import { pictureAddress } from "./portraits";
import type { Engine } from "./use-catalogue";
import "./more-options.css";

interface Props {
  of: Composition;
  engines: readonly Engine[];
  onSet: (to: Partial<Composition>) => void;
  onPlain: () => void;
}

const words = texts.compose.more;
const MOST_SEED = 9999;

/** Everything that has a good default; closed until it is asked for. */
export function MoreOptions(props: Props) {
  const changed = changedOptions(props.of);
  return (
    <details className="more">
      <summary>
        <Icon name="more" />
        <span>{words.title}</span>
        {changed > 0 && <span className="tag">{words.changed(changed)}</span>}
      </summary>
      <div className="more-inside">
        <PictureOptions {...props} />
        <FaceOptions {...props} />
        <FilmOptions {...props} />
        <Button kind="quiet" disabled={changed === 0} onClick={props.onPlain}>
          {words.reset}
        </Button>
      </div>
    </details>
  );
}

function PictureOptions({ of, engines, onSet }: Props) {
  const upscalers = offered(engines, "upscale");
  return (
    <fieldset className="more-group">
      <legend>{words.frame}</legend>
      <Select
        label={words.size}
        value={of.size}
        choices={withOwn(choicesOf(words.sizes), of.size)}
        hint={of.size === "" ? undefined : words.unseen}
        onChange={(size) => onSet({ size })}
      />
      {of.size !== "" && (
        <Select
          label={words.fit}
          value={of.fit}
          choices={choicesOf(words.fits)}
          onChange={(fit) => onSet({ fit })}
        />
      )}
      {of.source?.kind !== "video" && <Background of={of} onSet={onSet} />}
      {upscalers.length > 0 && (
        <Select
          label={words.upscale}
          value={of.upscale}
          choices={[{ value: "", label: words.off }, ...upscalers]}
          onChange={(upscale) => onSet({ upscale })}
        />
      )}
    </fieldset>
  );
}

function Background({ of, onSet }: Pick<Props, "of" | "onSet">) {
  const [isBusy, setBusy] = useState(false);

  async function take(file: File) {
    setBusy(true);
    try {
      onSet({ backdrop: await upload("/v1/portraits", file) });
    } catch (error) {
      tell(explain(error), { kind: "bad" });
    }
    setBusy(false);
  }

  return (
    <>
      <Select
        label={words.background}
        value={of.background}
        choices={choicesOf(words.backgrounds)}
        hint={of.background === "keep" ? undefined : words.unseen}
        onChange={(background) => onSet({ background })}
      />
      {of.background === "colour" && (
        <Field label={words.colour}>
          {(control) => (
            <input
              {...control}
              type="color"
              className="more-colour"
              value={of.colour}
              onChange={(event) => onSet({ colour: event.target.value })}
            />
          )}
        </Field>
      )}
      {of.background === "picture" && (
        <div className="more-backdrop">
          {of.backdrop && <img src={pictureAddress(of.backdrop, 256)} alt="" />}
          <FileButton
            accept={BACKDROP_TYPES}
            icon={<Icon name="image" />}
            isBusy={isBusy}
            onFile={take}
          >
            {of.backdrop ? words.backdropChange : words.backdrop}
          </FileButton>
        </div>
      )}
    </>
  );
}

function FaceOptions({ of, engines, onSet }: Props) {
  const drawing = offered(engines, "lipsync");
  const restorers = offered(engines, "restore");
  return (
    <fieldset className="more-group">
      <legend>{words.face}</legend>
      {(drawing.length > 1 || of.engine !== EMPTY.engine) && (
        <Select
          label={words.engine}
          value={of.engine}
          choices={withOwn(drawing, of.engine)}
          hint={of.engine === EMPTY.engine ? undefined : words.previewed}
          onChange={(engine) => onSet({ engine })}
        />
      )}
      {restorers.length > 0 && (
        <Select
          label={words.restore}
          value={of.restore}
          choices={[{ value: "", label: words.off }, ...restorers]}
          onChange={(restore) => onSet({ restore })}
        />
      )}
      <Field label={words.seed} hint={words.seedHint}>
        {(control) => (
          <div className="more-seed">
            <input
              {...control}
              type="number"
              className="input"
              min={0}
              step={1}
              value={of.seed}
              onChange={(event) => onSet({ seed: Math.max(0, event.target.valueAsNumber | 0) })}
            />
            <Button
              icon={<Icon name="again" />}
              aria-label={words.dice}
              title={words.dice}
              onClick={() => onSet({ seed: 1 + Math.floor(Math.random() * MOST_SEED) })}
            />
          </div>
        )}
      </Field>
      <Switch label={words.blink} isOn={of.blink} onChange={(blink) => onSet({ blink })} />
    </fieldset>
  );
}

function FilmOptions({ of, onSet }: Props) {
  const canMark = of.subtitles === "vtt" || of.subtitles === "burn";
  return (
    <fieldset className="more-group">
      <legend>{words.file}</legend>
      <Field label={words.name} hint={words.nameHint}>
        {(control) => (
          <input
            {...control}
            className="input"
            maxLength={200}
            value={of.title}
            onChange={(event) => onSet({ title: event.target.value })}
          />
        )}
      </Field>
      <Select
        label={words.format}
        value={of.format}
        choices={choicesOf(words.formats)}
        onChange={(format) => onSet({ format })}
      />
      <Select
        label={words.subtitles}
        value={of.subtitles}
        choices={choicesOf(words.subtitleKinds)}
        onChange={(subtitles) => onSet({ subtitles })}
      />
      {canMark && (
        <Switch
          label={words.karaoke}
          isOn={of.karaoke}
          onChange={(karaoke) => onSet({ karaoke })}
        />
      )}
    </fieldset>
  );
}

function choicesOf<T extends string>(labels: Record<T, string>) {
  return (Object.keys(labels) as T[]).map((value) => ({ value, label: labels[value] }));
}

/** What another client asked for is kept as it is. */
function withOwn(choices: { value: string; label: string }[], own: string) {
  return choices.some(({ value }) => value === own)
    ? choices
    : [...choices, { value: own, label: own }];
}
