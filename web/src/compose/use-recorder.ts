import { useCallback, useEffect, useRef, useState } from "react";
import { closeDevice, type DeviceProblem, deviceProblem, openDevice } from "./devices";

export interface Recording {
  file: File;
  length_s: number;
}

interface Running {
  stream: MediaStream;
  recorder: MediaRecorder;
  context: AudioContext;
  meter: AnalyserNode;
  began_ms: number;
}

export interface Recorder {
  state: "idle" | "opening" | "recording";
  problem: DeviceProblem | null;
  /** How loud it is now, 0..1, and for how long it runs; to be read with every frame. */
  level: () => { loudness: number; length_s: number };
  start: () => void;
  stop: () => void;
}

const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
/** What is as loud as the meter shows, in dB below full. */
const QUIETEST_DB = -54;

/** Records the microphone; what it recorded is given to onDone. */
export function useRecorder(onDone: (recording: Recording) => void): Recorder {
  const [state, setState] = useState<Recorder["state"]>("idle");
  const [problem, setProblem] = useState<DeviceProblem | null>(null);
  const running = useRef<Running | null>(null);
  const attempt = useRef(0);
  const done = useRef(onDone);
  done.current = onDone;

  const close = useCallback(() => {
    attempt.current += 1;
    const was = running.current;
    running.current = null;
    closeDevice(was?.stream ?? null);
    void was?.context.close();
  }, []);
  useEffect(() => close, [close]);

  const start = useCallback(async () => {
    close();
    const own = attempt.current;
    setProblem(null);
    setState("opening");
    try {
      const stream = await openDevice({
        audio: { noiseSuppression: true, echoCancellation: true },
      });
      if (own !== attempt.current) {
        closeDevice(stream);
        return;
      }
      const opened = record(stream, (recording) => {
        close();
        setState("idle");
        done.current(recording);
      });
      running.current = opened;
      setState("recording");
    } catch (error) {
      if (own !== attempt.current) return;
      setState("idle");
      setProblem(deviceProblem(error));
    }
  }, [close]);

  const stop = useCallback(() => running.current?.recorder.stop(), []);
  const level = useCallback(() => {
    const now = running.current;
    if (!now) return { loudness: 0, length_s: 0 };
    return { loudness: loudness(now.meter), length_s: (performance.now() - now.began_ms) / 1000 };
  }, []);
  return { state, problem, level, start, stop };
}

function record(stream: MediaStream, onDone: (recording: Recording) => void): Running {
  const type = TYPES.find((each) => MediaRecorder.isTypeSupported(each));
  const recorder = new MediaRecorder(stream, type ? { mimeType: type } : {});
  const pieces: Blob[] = [];
  const context = new AudioContext();
  const meter = context.createAnalyser();
  meter.fftSize = 1024;
  context.createMediaStreamSource(stream).connect(meter);
  const began_ms = performance.now();
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.onstop = () => {
    const length_s = (performance.now() - began_ms) / 1000;
    const kind = recorder.mimeType.split(";")[0] ?? "audio/webm";
    const name = `recording.${kind.split("/")[1] ?? "webm"}`;
    onDone({ file: new File(pieces, name, { type: kind }), length_s });
  };
  recorder.start(250);
  return { stream, recorder, context, meter, began_ms };
}

function loudness(meter: AnalyserNode): number {
  const samples = new Float32Array(meter.fftSize);
  meter.getFloatTimeDomainData(samples);
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  const decibels = 10 * Math.log10(power + 1e-9);
  return Math.min(Math.max(1 - decibels / QUIETEST_DB, 0), 1);
}
