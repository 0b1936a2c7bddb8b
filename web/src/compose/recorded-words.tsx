import { useEffect, useRef, useState } from "react";
import { upload } from "../api/uploads";
import { texts } from "../texts";
import { Button } from "../ui/button";
import { clock } from "../ui/clock";
import { explain } from "../ui/explain";
import { Icon } from "../ui/icon";
import { ProgressBar } from "../ui/progress";
import type { Sound } from "./composition";
import { type Recording, useRecorder } from "./use-recorder";
import "./sounds.css";

interface Props {
  recorded: Sound | null;
  onRecorded: (sound: Sound) => void;
}

const words = texts.compose.record;
const SHORTEST_S = 0.5;
const BARS = 28;

/** The microphone: how loud it is, what was recorded, and another try. */
export function RecordedWords({ recorded, onRecorded }: Props) {
  const [sent, setSent] = useState<number | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [kept, setKept] = useState<{ id: string; address: string } | null>(null);
  useEffect(() => () => void (kept && URL.revokeObjectURL(kept.address)), [kept]);

  async function take({ file, length_s }: Recording) {
    if (length_s < SHORTEST_S) {
      setProblem(words.short);
      return;
    }
    setProblem(null);
    setSent(0);
    try {
      const id = await upload("/v1/audio", file, { onSent: setSent });
      setKept({ id, address: URL.createObjectURL(file) });
      onRecorded({ id, name: words.yours, length_s });
    } catch (error) {
      setProblem(explain(error));
    }
    setSent(null);
  }

  const recorder = useRecorder(take);
  const isRecording = recorder.state === "recording";
  const trouble = problem ?? (recorder.problem && told(recorder.problem));
  return (
    <div className="sound">
      {isRecording ? (
        <Meter level={recorder.level} />
      ) : recorded ? (
        <Kept sound={recorded} address={kept?.id === recorded.id ? kept.address : null} />
      ) : (
        <p className="sound-lead">{recorder.state === "opening" ? words.starting : words.lead}</p>
      )}
      {sent !== null && <ProgressBar label={words.sending} share={sent} />}
      {trouble && (
        <p className="field-error" role="alert">
          {trouble}
        </p>
      )}
      <Button
        kind={isRecording || !recorded ? "main" : "plain"}
        icon={isRecording ? <span className="sound-stop" /> : <Icon name="microphone" />}
        isBusy={recorder.state === "opening" || sent !== null}
        onClick={isRecording ? recorder.stop : recorder.start}
      >
        {isRecording ? words.stop : recorded ? words.again : words.start}
      </Button>
    </div>
  );
}

function told(problem: NonNullable<ReturnType<typeof useRecorder>["problem"]>): string {
  return problem === "failed" ? texts.problems.unexpected : words[problem];
}

/** The last moments' loudness as bars, and the time. */
function Meter({ level }: { level: () => { loudness: number; length_s: number } }) {
  const bars = useRef<HTMLDivElement>(null);
  const time = useRef<HTMLSpanElement>(null);
  useEffect(() => {
    const heard = new Array<number>(BARS).fill(0);
    let frame = 0;
    let count = 0;
    const draw = () => {
      frame = requestAnimationFrame(draw);
      count += 1;
      if (count % 4 !== 0) return;
      const { loudness, length_s } = level();
      heard.push(loudness);
      heard.shift();
      for (const [i, bar] of [...(bars.current?.children ?? [])].entries()) {
        (bar as HTMLElement).style.transform = `scaleY(${0.06 + 0.94 * (heard[i] ?? 0)})`;
      }
      if (time.current) time.current.textContent = clock(Math.floor(length_s));
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [level]);
  return (
    <div className="meter">
      <span className="meter-dot" />
      <span ref={time} className="meter-time" role="timer" aria-label={words.length}>
        {clock(0)}
      </span>
      <div ref={bars} className="meter-bars" role="img" aria-label={words.level}>
        {Array.from({ length: BARS }, (_, i) => (
          <span key={i} />
        ))}
      </div>
    </div>
  );
}

/** What was recorded; after a reload it is heard in the preview only. */
function Kept({ sound, address }: { sound: Sound; address: string | null }) {
  const audio = useRef<HTMLAudioElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  return (
    <div className="sound-kept">
      {address && (
        <>
          {/* biome-ignore lint/a11y/useMediaCaption: it is what one has just said. */}
          <audio
            ref={audio}
            src={address}
            onPlay={() => setPlaying(true)}
            onPause={() => setPlaying(false)}
          />
          <Button
            icon={<Icon name={isPlaying ? "pause" : "play"} />}
            aria-label={isPlaying ? words.pause : words.play}
            onClick={() => (isPlaying ? audio.current?.pause() : audio.current?.play())}
          />
        </>
      )}
      <span className="sound-name">{sound.name || words.yours}</span>
      <span className="sound-length">{sound.length_s > 0 && clock(sound.length_s)}</span>
    </div>
  );
}
