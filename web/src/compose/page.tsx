import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from "react";
import { FaceCanvas } from "../preview/face-canvas";
import { PreviewNotes } from "../preview/notes";
import { Acting, Transport } from "../preview/transport";
import { usePreview } from "../preview/use-preview";
import { prepareRig } from "../preview/use-rig";
import { startRender } from "../renders/start";
import { texts } from "../texts";
import { explain } from "../ui/explain";
import { tell } from "../ui/toasts";
import { usePageFiles } from "../ui/use-page-files";
import { CameraDialog } from "./camera-dialog";
import { type Composition, compose, missing, renderFields, trackFields } from "./composition";
import { useOf } from "./files";
import { MoreOptions } from "./more-options";
import { exportAddress } from "./portraits";
import { RenderBar } from "./render-bar";
import { samplePortrait } from "./sample";
import { saveComposition, savedComposition } from "./saved";
import { Stage } from "./stage";
import { useAgain } from "./use-again";
import { useCatalogue } from "./use-catalogue";
import { usePicture } from "./use-picture";
import { useSoundFile } from "./use-sound-file";
import { useTalksAlong } from "./use-talks-along";
import { partsOf, usableVoices, usualVoice } from "./voices";
import { WordsPanel } from "./words-panel";
import "./page.css";

interface Props {
  /** A render whose picture, words and options are used again. */
  from: string | null;
  /** Whether the page is looked at; it stays as it was while another one is. */
  isShown?: boolean;
}

export function CreatePage({ from, isShown = true }: Props) {
  const [now, dispatch] = useReducer(compose, undefined, savedComposition);
  const set = useCallback((to: Partial<Composition>) => dispatch({ do: "set", to }), []);
  useEffect(() => saveComposition(now), [now]);

  const { voices, engines } = useCatalogue();
  const usual = useMemo(() => usualVoice(usableVoices(voices), navigator.languages), [voices]);
  const { picture, take, remove, showServed } = usePicture(now.source, dispatch);
  const sound = useSoundFile(dispatch);
  useAgain(from, dispatch);

  const able = picture.faces?.faces.filter(({ number }) => number !== null) ?? [];
  const firstAble = able[0]?.number ?? null;
  const isThere = able.some(({ number }) => number === now.face);
  useEffect(() => {
    if (firstAble !== null && !isThere) set({ face: firstAble });
  }, [firstAble, isThere, set]);

  const isOnItsWay = picture.sent !== null;
  useEffect(() => {
    if (isOnItsWay) prepareRig();
  }, [isOnItsWay]);
  const isStill = now.source !== null && picture.faces !== null && !picture.isVideo;
  const portrait = isStill && firstAble !== null ? (now.source?.id ?? null) : null;
  const [talksAlong, setTalksAlong] = useTalksAlong();
  const isChanged = useChanged(JSON.stringify([now.source?.id, trackFields(now, null)]));
  // The voice is known when the list is; what is said before would be said twice.
  const isKnown = now.speaking !== "text" || now.voice !== null || voices.length > 0;
  const preview = usePreview({
    portrait,
    face: now.face,
    fields: now.source && isKnown ? trackFields(now, usual?.name ?? null) : null,
    feel: { expression: now.expression, motion: now.motion, blink: now.blink },
    talksAlong: talksAlong && isChanged,
    isShown,
  });
  const { player, playing, reader, idle, rig, track } = preview;
  useSpace(isShown && track !== null, () => player.toggle());

  const takeFiles = useCallback(
    (files: File[]) => {
      for (const file of files.slice(0, 2)) {
        const use = useOf(file);
        if (use === "picture") take(file);
        else if (use === "sound") sound.take(file);
        else if (use === "text") file.text().then((text) => set({ text, speaking: "text" }));
        else tell(texts.compose.picture.notPicture(file.name), { kind: "bad" });
      }
    },
    [take, sound.take, set],
  );
  const [isTaking, setTaking] = useState(false);
  const isAwaited = usePageFiles(isShown && !isTaking, takeFiles);

  async function trySample() {
    try {
      const file = await samplePortrait();
      dispatch({ do: "sample", text: texts.compose.sampleText, voice: sampleVoice(usual) });
      await take(file);
    } catch (error) {
      tell(explain(error), { kind: "bad" });
    }
  }

  const fields = renderFields(now, usual?.name ?? null);
  const isSending = isOnItsWay || sound.sent !== null;
  const starting = useRef(false);
  async function render() {
    if (!fields || starting.current) return;
    starting.current = true;
    player.pause();
    try {
      await startRender(fields);
    } catch (error) {
      tell(explain(error), { kind: "bad" });
    }
    starting.current = false;
  }

  useRenderKey(isShown && !isTaking && !isSending && firstAble !== null, render);
  const isOff = track === null;
  const isHidden = now.source === null && picture.sent === null;

  return (
    <div className="composer">
      <h1 className="for-readers">{texts.compose.title}</h1>
      <section className="composer-stage" aria-label={texts.compose.stage}>
        <Stage
          picture={picture}
          portrait={now.source?.id ?? null}
          face={now.face}
          isPlaying={playing.isPlaying}
          isAwaited={isAwaited}
          onFace={(face) => set({ face })}
          onFile={(file) => takeFiles([file])}
          onCamera={() => setTaking(true)}
          onSample={trySample}
          onRemove={remove}
          onUnshown={showServed}
          notes={<PreviewNotes preview={preview} isVideo={picture.isVideo} />}
        >
          {portrait && (
            <FaceCanvas {...{ rig, reader, idle, player, playing }} motion={now.motion} />
          )}
        </Stage>
        <Transport {...{ player, playing, reader, isOff, isHidden }} words={track?.words ?? []} />
        <Acting
          {...{ player, playing, isOff, isHidden, talksAlong }}
          model={portrait && exportAddress(portrait, now.face)}
          expression={now.expression}
          motion={now.motion}
          onFeel={set}
          onTalksAlong={setTalksAlong}
        />
      </section>
      <section className="composer-panel">
        <WordsPanel
          of={now}
          {...{ dispatch, voices, usual, sound }}
          exact_s={track && !preview.isMaking ? track.duration_s : null}
        />
        <MoreOptions
          of={now}
          engines={engines}
          onSet={set}
          onPlain={() => dispatch({ do: "plain" })}
        />
        <RenderBar
          missing={missing(now)}
          isSending={isSending}
          isFaceless={picture.faces !== null && firstAble === null}
          onRender={render}
          onMissing={() => goToMissing(missing(now))}
        />
      </section>
      {isTaking && <CameraDialog onTaken={take} onClose={() => setTaking(false)} />}
    </div>
  );
}

/** Whether it was ever something else than when the page opened: what was kept stays silent. */
function useChanged(what: string): boolean {
  const [first] = useState(what);
  const changed = useRef(false);
  changed.current ||= what !== first;
  return changed.current;
}

/** The sample is a woman; eSpeak's voices are men's unless they are changed. */
function sampleVoice(usual: { engine: string; name: string } | undefined): string | null {
  return usual?.engine === "espeak" ? `${partsOf(usual.name).name}+f3` : null;
}

/** The space bar plays and pauses where it does nothing else. */
function useSpace(isOn: boolean, toggle: () => void) {
  const latest = useRef(toggle);
  latest.current = toggle;
  useEffect(() => {
    if (!isOn) return;
    const press = (event: KeyboardEvent) => {
      if (event.key !== " " || event.defaultPrevented || isTaken(event.target)) return;
      event.preventDefault();
      latest.current();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [isOn]);
}

/** Ctrl or Cmd with Enter renders from wherever one is. */
function useRenderKey(isOn: boolean, render: () => void) {
  const latest = useRef(render);
  latest.current = render;
  useEffect(() => {
    if (!isOn) return;
    const press = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.repeat) return;
      event.preventDefault();
      latest.current();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [isOn]);
}

/** To where what is missing is given. */
function goToMissing(what: "source" | "words" | null) {
  const place = { source: ".stage-empty button", words: ".words textarea, .sound button" };
  if (what) document.querySelector<HTMLElement>(place[what])?.focus();
}

function isTaken(target: EventTarget | null): boolean {
  const own = "input:not([type=range]),textarea,select,button,summary,a,dialog,video,audio";
  return target instanceof Element && target.closest(own) !== null;
}
