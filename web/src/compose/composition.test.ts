import { describe, expect, test } from "vitest";
import { compositionOf } from "./again";
import {
  type Composition,
  changedOptions,
  compose,
  EMPTY,
  missing,
  renderFields,
  trackFields,
} from "./composition";

const READY: Composition = {
  ...EMPTY,
  source: { id: "file_face.png", kind: "still", name: "face.png" },
  text: "Hello",
};
const SOUND = { id: "file_voice.wav", name: "voice.wav", length_s: 2 };

describe("what is missing", () => {
  test("first a picture, then words, then nothing", () => {
    expect(missing(EMPTY)).toBe("source");
    expect(missing({ ...READY, text: "  \n" })).toBe("words");
    expect(missing(READY)).toBeNull();
  });

  test("a typed text does not count while one records", () => {
    expect(missing({ ...READY, speaking: "record" })).toBe("words");
    expect(missing({ ...READY, speaking: "record", recorded: SOUND })).toBeNull();
  });
});

describe("the sample", () => {
  test("brings words and a voice to who has none", () => {
    const now = compose(EMPTY, { do: "sample", text: "Hi", voice: "en+f3" });
    expect([now.text, now.voice]).toEqual(["Hi", "en+f3"]);
  });

  test("leaves words alone that somebody has typed", () => {
    const mine = { ...EMPTY, text: "Mine" };
    expect(compose(mine, { do: "sample", text: "Hi", voice: "en+f3" })).toEqual(mine);
  });
});

test("another picture begins with its largest face", () => {
  const now = compose({ ...READY, face: 3 }, { do: "source", source: READY.source });
  expect(now.face).toBe(0);
});

test("undoing the options keeps picture and words", () => {
  const changed = compose(READY, { do: "set", to: { size: "720p", seed: 5, motion: 0 } });
  expect(changedOptions(changed)).toBe(3);
  expect(compose(changed, { do: "plain" })).toEqual(READY);
});

describe("the request", () => {
  test("is not made of what is not complete", () => {
    expect(renderFields(EMPTY, "en-us")).toBeNull();
    expect(trackFields(EMPTY, "en-us")).toBeNull();
  });

  test("says the text with the usual voice until one is chosen", () => {
    expect(renderFields(READY, "en-us")).toMatchObject({ text: "Hello", voice: "en-us" });
    expect(renderFields({ ...READY, voice: "de" }, "en-us")).toMatchObject({ voice: "de" });
  });

  test("leaves the text out when a recording is heard", () => {
    const spoken = { ...READY, speaking: "file" as const, dropped: SOUND, transcript: " Hi " };
    const fields = renderFields(spoken, "en-us");
    expect(fields).toMatchObject({ audio: SOUND.id, transcript: "Hi" });
    expect(fields).not.toHaveProperty("text");
    expect(fields).not.toHaveProperty("voice");
  });

  test("marks words only in subtitles that can", () => {
    const marked = { ...READY, karaoke: true };
    expect(renderFields(marked, null)).not.toHaveProperty("karaoke");
    expect(renderFields({ ...marked, subtitles: "srt" }, null)).toMatchObject({ karaoke: false });
    expect(renderFields({ ...marked, subtitles: "burn" }, null)).toMatchObject({ karaoke: true });
  });

  test("asks for no background behind a video", () => {
    const source = { ...READY.source, id: "file_a.mp4", name: "", kind: "video" as const };
    const fields = renderFields({ ...READY, source, background: "blur" }, null);
    expect(fields).not.toHaveProperty("background");
  });

  test("fills the form again, and the form makes the same request", () => {
    const made: Composition = {
      ...READY,
      face: 1,
      voice: "de",
      rate: 200,
      size: "1080x1080",
      fit: "pad",
      background: "colour",
      colour: "#102030",
      subtitles: "burn",
      karaoke: true,
      format: "webm",
      others: { trim: true },
    };
    const asked = renderFields(made, null);
    expect(asked).not.toBeNull();
    if (asked) expect(renderFields(compositionOf(asked, "still"), null)).toEqual(asked);
  });

  test("another recording drops the transcript of the last one", () => {
    const again = compositionOf(
      { portrait: "file_a", audio: "file_b", transcript: "file_c" },
      "still",
    );
    expect(renderFields(again, null)).toMatchObject({ transcript: "file_c" });
    const now = compose(again, { do: "dropped", sound: SOUND });
    expect(renderFields(now, null)).not.toHaveProperty("transcript");
  });
});
