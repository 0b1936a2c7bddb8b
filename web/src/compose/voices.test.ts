import { describe, expect, test } from "vitest";
import { groupVoices, partsOf, usableVoices, usualVoice, type Voice, variantName } from "./voices";

function voice(name: string, language: string, more: Partial<Voice> = {}): Voice {
  return {
    engine: "espeak",
    name,
    language,
    label: name,
    gender: "male",
    quality: "robotic",
    licence: "",
    online: false,
    timing: "phones",
    ...more,
  };
}

const VOICES = [
  voice("de", "de", { label: "German" }),
  voice("en-gb", "en-GB", { label: "English (Great Britain)" }),
  voice("en-us", "en-US", { label: "English (America)" }),
  voice("gtts:en", "en", { engine: "gtts", label: "English", quality: "medium", online: true }),
  voice("pt-br", "pt-BR", { label: "Portuguese (Brazil)" }),
];

describe("groups", () => {
  const names = (query: string, languages: string[]) =>
    groupVoices(VOICES, query, languages, "en").map((group) => group.name);

  test("come with the browser's languages first, in its order, and then by name", () => {
    expect(names("", ["pt-BR", "de"])).toEqual(["Portuguese", "German", "English"]);
  });

  test("are found by the language's name in English and in itself, without accents", () => {
    expect(names("deutsch", [])).toEqual(["German"]);
    expect(names("portugues", [])).toEqual(["Portuguese"]);
    expect(names("brazil", [])).toEqual(["Portuguese"]);
    expect(names("en-gb", [])).toEqual(["English"]);
    expect(names("klingon", [])).toEqual([]);
  });

  test("begin with the region that the browser tells", () => {
    const first = groupVoices(VOICES, "", ["en-US"], "en")[0]?.voices.map(({ name }) => name);
    expect(first).toEqual(["en-us", "en-gb", "gtts:en"]);
  });
});

describe("the usual voice", () => {
  test.each([
    [["en-US"], "en-us"],
    [["en"], "en-us"],
    [["en-GB", "en-US"], "en-gb"],
    [["xx", "de-AT"], "de"],
    [[], "en-us"],
  ])("for %o is %s", (languages, name) => {
    expect(usualVoice(VOICES, languages)?.name).toBe(name);
  });

  test("is the best that needs no network", () => {
    const piper = voice("piper:amy", "en-US", { engine: "piper", quality: "medium" });
    expect(usualVoice([...VOICES, piper], ["en-US"])?.name).toBe("piper:amy");
  });
});

test("voices that are not here, and what only changes voices, are not offered", () => {
  const away = voice("piper:joe", "en-US", { label: "joe (to be pulled)" });
  const variant = voice("+f3", "", { label: "variant female3" });
  expect(usableVoices([away, variant, ...VOICES])).toEqual(VOICES);
  expect(variantName(variant)).toBe("Female 3");
});

test("a choice is a voice and what is put behind it", () => {
  expect(partsOf("en-us+f3")).toEqual({ name: "en-us", variant: "+f3" });
  expect(partsOf("piper:a+b")).toEqual({ name: "piper:a+b", variant: "" });
});
