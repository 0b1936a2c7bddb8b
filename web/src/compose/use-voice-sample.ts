import { useCallback, useEffect, useRef, useState } from "react";
import { answer, service } from "../api/client";
import type { components } from "../api/schema";
import { texts } from "../texts";
import { explain } from "../ui/explain";
import { tell } from "../ui/toasts";
import { nativeName, type Voice } from "./voices";

/** What a voice says to be heard, in its own language. */
const GREETINGS: Record<string, string> = {
  en: texts.compose.voice.greeting,
  de: "Hallo. So klinge ich.",
  fr: "Bonjour. Voici ma voix.",
  es: "Hola. Así suena mi voz.",
  it: "Ciao. Questa è la mia voce.",
  pt: "Olá. Esta é a minha voz.",
  nl: "Hallo. Zo klink ik.",
  pl: "Cześć. Tak brzmi mój głos.",
  ru: "Здравствуйте. Вот мой голос.",
  uk: "Привіт. Ось мій голос.",
  tr: "Merhaba. Sesim böyle.",
  ja: "こんにちは。これが私の声です。",
  ko: "안녕하세요. 제 목소리입니다.",
  zh: "你好，这是我的声音。",
  cmn: "你好，这是我的声音。",
  hi: "नमस्ते। यह मेरी आवाज़ है।",
  ar: "مرحبا. هذا صوتي.",
};

/** Lets one voice be heard at a time. */
export function useVoiceSample() {
  const sound = useRef<HTMLAudioElement | null>(null);
  const asking = useRef<AbortController | null>(null);
  const [state, setState] = useState<"idle" | "loading" | "playing">("idle");

  const stop = useCallback(() => {
    asking.current?.abort();
    sound.current?.pause();
    setState("idle");
  }, []);
  useEffect(() => stop, [stop]);

  const play = useCallback(
    async (voice: Voice, name: string) => {
      stop();
      const asked = new AbortController();
      asking.current = asked;
      const { signal } = asked;
      setState("loading");
      try {
        const body = { text: greeting(voice), voice: name };
        const track = await answer(
          service.POST("/v1/tracks", { body: body as components["schemas"]["TrackBody"], signal }),
        );
        if (signal.aborted) return;
        sound.current = new Audio(track.sound);
        sound.current.onended = () => setState("idle");
        sound.current.onpause = () => setState("idle");
        await sound.current.play();
        setState("playing");
      } catch (error) {
        if (signal.aborted) return;
        setState("idle");
        tell(`${texts.compose.voice.failed} ${explain(error)}`, { kind: "bad" });
      }
    },
    [stop],
  );
  return { play, stop, isPlaying: state === "playing", isLoading: state === "loading" };
}

function greeting(voice: Voice): string {
  const language = voice.language.split("-")[0]?.toLowerCase() ?? "";
  return GREETINGS[language] ?? `${nativeName(language)}. 1, 2, 3.`;
}
