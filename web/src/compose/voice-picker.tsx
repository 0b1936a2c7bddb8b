import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { Icon } from "../ui/icon";
import { useVoiceSample } from "./use-voice-sample";
import { groupVoices, languageName, partsOf, type Voice, type VoiceGroup } from "./voices";
import "./voice-picker.css";

interface Props {
  voices: readonly Voice[];
  /** Its name, with a variant behind it. */
  chosen: string | null;
  /** What the variant is called. */
  character: string;
  onChoose: (name: string) => void;
}

const words = texts.compose.voice;

/** A combobox: opens on click or arrow, narrows while one types, and can be heard. */
export function VoicePicker({ voices, chosen, character, onChoose }: Props) {
  const id = useId();
  const [query, setQuery] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const sample = useVoiceSample();
  const isOpen = query !== null;

  const { name } = partsOf(chosen ?? "");
  const current = voices.find((voice) => voice.name === name);
  const groups = useMemo(
    () => (isOpen ? groupVoices(voices, query ?? "", navigator.languages, texts.language) : []),
    [isOpen, voices, query],
  );
  const flat = useMemo(() => groups.flatMap((group) => group.voices), [groups]);

  useEffect(() => {
    if (!isOpen) return;
    list.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" });
  });

  function open() {
    if (isOpen) return;
    setQuery("");
    const all = groupVoices(voices, "", navigator.languages, texts.language);
    setActive(
      Math.max(
        all.flatMap((group) => group.voices).findIndex((v) => v.name === name),
        0,
      ),
    );
  }

  function choose(voice: Voice | undefined) {
    if (!voice) return;
    onChoose(voice.name);
    setQuery(null);
    sample.stop();
  }

  function onKey(event: KeyboardEvent) {
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const by = moves[event.key];
    if (by) {
      event.preventDefault();
      if (isOpen) setActive(Math.min(Math.max(active + by, 0), flat.length - 1));
      else open();
    } else if (event.key === "Enter" && isOpen) {
      event.preventDefault();
      choose(flat[active]);
    } else if (event.key === "Escape" && isOpen) {
      event.preventDefault();
      setQuery(null);
    } else if ((event.key === "Home" || event.key === "End") && isOpen && query === "") {
      event.preventDefault();
      setActive(event.key === "Home" ? 0 : flat.length - 1);
    }
  }

  const heard = (isOpen ? flat[active] : undefined) ?? current;
  return (
    <div className="voice">
      <label htmlFor={id} className="field-label">
        {words.label}
      </label>
      <div className="voice-row">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: closes when the focus leaves. */}
        <div
          className="voice-box"
          onBlur={(event) => {
            if (!event.currentTarget.contains(event.relatedTarget)) setQuery(null);
          }}
        >
          <input
            ref={input}
            id={id}
            type="text"
            className="input voice-input select"
            role="combobox"
            autoComplete="off"
            spellCheck={false}
            aria-expanded={isOpen}
            aria-controls={`${id}-list`}
            aria-autocomplete="list"
            aria-activedescendant={isOpen && flat[active] ? `${id}-${active}` : undefined}
            placeholder={isOpen ? words.search : undefined}
            value={
              query ??
              [current ? shownName(current) : chosen, character].filter(Boolean).join(" · ")
            }
            onClick={open}
            onKeyDown={onKey}
            onChange={(event) => {
              setQuery(
                isOpen ? event.target.value : ((event.nativeEvent as InputEvent).data ?? ""),
              );
              setActive(0);
            }}
          />
          {isOpen && (
            <div
              ref={list}
              id={`${id}-list`}
              className="voice-list"
              role="listbox"
              aria-label={words.label}
              tabIndex={-1}
            >
              <Groups
                id={id}
                groups={groups}
                active={active}
                chosen={name}
                onChoose={choose}
                onActive={setActive}
              />
              {flat.length === 0 && <p className="voice-none">{words.none}</p>}
            </div>
          )}
          <p className="for-readers" role="status">
            {isOpen ? words.count(flat.length) : ""}
          </p>
        </div>
        <Button
          icon={<Icon name={sample.isPlaying ? "pause" : "sound"} />}
          aria-label={sample.isPlaying ? words.stop : words.listen}
          title={sample.isPlaying ? words.stop : words.listen}
          isBusy={sample.isLoading}
          disabled={!heard}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => {
            if (sample.isPlaying) sample.stop();
            else if (heard) sample.play(heard, heard === current && chosen ? chosen : heard.name);
          }}
        />
      </div>
    </div>
  );
}

interface GroupsProps {
  id: string;
  groups: readonly VoiceGroup[];
  active: number;
  chosen: string;
  onChoose: (voice: Voice) => void;
  onActive: (number: number) => void;
}

function Groups({ id, groups, active, chosen, onChoose, onActive }: GroupsProps) {
  let number = -1;
  return groups.map((group) => (
    // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own.
    <div key={group.language} role="group" aria-label={group.name} className="voice-group">
      <p className="voice-language" aria-hidden="true">
        {group.name}
      </p>
      {group.voices.map((voice) => {
        number += 1;
        const own = number;
        return (
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the box above.
          // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are those of the box above.
          <div
            key={voice.name}
            id={`${id}-${own}`}
            role="option"
            className="voice-option"
            aria-selected={voice.name === chosen}
            data-active={own === active || undefined}
            onMouseDown={(event) => event.preventDefault()}
            onMouseMove={() => own !== active && onActive(own)}
            onClick={() => onChoose(voice)}
          >
            <span className="voice-name">{shownName(voice)}</span>
            <span className="voice-tags">
              {voice.online && <span className="tag">{words.online}</span>}
              <span className="tag">{engineName(voice.engine)}</span>
            </span>
          </div>
        );
      })}
    </div>
  ));
}

/** "English (America)", or the speaker's name with the language behind it. */
function shownName(voice: Voice): string {
  const label = voice.label.replace(/\s*\(.*\)$/, "");
  const language = languageName(voice.language, texts.language);
  const isLanguage = voice.engine === "espeak" || voice.engine === "gtts";
  if (isLanguage) return voice.label;
  return `${label.charAt(0).toUpperCase()}${label.slice(1)} · ${language}`;
}

function engineName(engine: string): string {
  const known: Record<string, string> = words.engines;
  return known[engine] ?? engine;
}
