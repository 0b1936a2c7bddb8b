"""Whole renders with subtitles, several speakers and several faces."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.core.request import RenderRequest, Speaker
from lipsmith.core.subtitle import SubtitleKind
from lipsmith.errors import OptionError, OutputError, TextError
from lipsmith.finishing import fonts
from lipsmith.pipeline.files import render_files
from lipsmith.pipeline.rendering import Rendering
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.espeak.engine import EspeakEngine

TEXT = "Hello there, my friend. How are you today?"
DIALOGUE = "[anna] Hello there, my Ben. [ben] I am very well, thank you."
CAST = (Speaker("anna", "en-us+f3"), Speaker("ben", "de"))


@pytest.fixture
def request_(portrait_path: Path) -> RenderRequest:
    return RenderRequest(portrait_path, text=TEXT, size="160x160", voice="en-us")


def images(request: RenderRequest) -> list[NDArray[np.uint8]]:
    with Rendering(request) as rendering:
        return [np.asarray(frame.image) for frame in rendering]


@pytest.mark.parametrize("kind", [SubtitleKind.SRT, SubtitleKind.VTT])
def test_subtitles_lie_beside_the_video(
    request_: RenderRequest, tmp_path: Path, kind: SubtitleKind
) -> None:
    video = tmp_path / "face.mp4"
    request = replace(request_, subtitles=kind, karaoke=True)
    report = render_files(request, video)
    text = video.with_suffix(f".{kind}").read_text(encoding="utf-8")
    words = re.sub(r"<[^>]*>|WEBVTT|[\d:.,]+ --> .*|^\d+$", "", text, flags=re.MULTILINE)
    assert words.split() == TEXT.split()
    last = re.findall(r"--> 00:00:(\d+)[.,](\d+)", text)[-1]
    assert 0 < int(last[0]) + int(last[1]) / 1000 < report.duration_s + 1.5
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["face.mp4", f"face.{kind}"])
    video.unlink()
    with pytest.raises(OutputError, match=f"face.{kind} exists"):
        render_files(request, video)


def test_a_render_that_stops_leaves_no_subtitles(request_: RenderRequest, tmp_path: Path) -> None:
    from lipsmith.pipeline.stages import Exports

    request = replace(request_, subtitles=SubtitleKind.SRT)
    with Rendering(request, exports=Exports(subtitles=tmp_path / "face.srt")) as rendering:
        next(rendering)
    assert list(tmp_path.iterdir()) == []


def test_burned_words_are_seen_while_they_are_said(request_: RenderRequest) -> None:
    plain, burned = images(request_), images(replace(request_, subtitles=SubtitleKind.BURN))
    different = [not np.array_equal(a, b) for a, b in zip(plain, burned, strict=True)]
    assert not different[0] and different[8] and not different[-1]
    assert all(np.array_equal(a[:100], b[:100]) for a, b in zip(plain, burned, strict=True))


def test_words_that_cannot_be_drawn_go_to_a_file(
    request_: RenderRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "system_fonts", tuple)
    request = replace(request_, text="Привет.", voice="ru", subtitles=SubtitleKind.BURN)
    report = render_files(request, tmp_path / "face.mp4")
    assert "Привет." in (tmp_path / "face.srt").read_text(encoding="utf-8")
    assert any("Cyrillic" in warning for warning in report.warnings)


def test_each_speaker_has_a_voice(request_: RenderRequest, tmp_path: Path) -> None:
    request = replace(request_, text=DIALOGUE, speakers=CAST, subtitles=SubtitleKind.SRT)
    report = render_files(request, tmp_path / "face.mp4")
    assert report.voice == "anna=en-us+f3, ben=de"
    text = (tmp_path / "face.srt").read_text()
    assert "anna: Hello there, my Ben." in text and "ben: I am very well, thank you." in text


def test_a_misspelled_voice_of_a_speaker_is_told_at_once(request_: RenderRequest) -> None:
    request = replace(request_, text=DIALOGUE, speakers=(*CAST, Speaker("eve", "nosuch:x")))
    with pytest.raises(OptionError, match="nosuch"):
        Rendering(request)


def test_ssml_is_spoken_and_broken_ssml_is_refused(request_: RenderRequest) -> None:
    pause = replace(request_, text='<speak>Hello <break time="2s"/> you.</speak>')
    assert len(images(pause)) > 25 * 3
    with pytest.raises(TextError, match="line 1"):
        Rendering(replace(request_, text="<speak>Hello <break> you.</speak>"))
    with pytest.raises(TextError, match="line 1"):
        Rendering(replace(request_, text="Hello", ssml=True))


def test_sentences_are_spoken_in_their_languages(request_: RenderRequest, tmp_path: Path) -> None:
    pytest.importorskip("py3langid")
    text = "Good morning, my friends, and welcome. Guten Morgen, wie geht es Ihnen heute?"
    request = replace(request_, text=text, voice=None, language="auto")
    report = render_files(request, tmp_path / "face.mp4", visemes=tmp_path / "v.json")
    assert report.frames > 75


@pytest.fixture
def couple(portrait_pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Two people: the same one twice, the second one smaller."""
    face = portrait_pixels[:256, 100:356]
    small = face[::2, ::2]
    padded = np.full((256, 256, 3), 200, np.uint8)
    padded[64:192, 64:192] = small
    return np.concatenate([face, padded], axis=1)


def movement(frames: Sequence[NDArray[np.uint8]], columns: slice) -> float:
    pairs = list(pairwise(frames))
    return float(
        np.mean([np.abs(b[:, columns].astype(int) - a[:, columns]).mean() for a, b in pairs])
    )


def test_each_face_moves_in_its_own_turns(
    request_: RenderRequest, couple: NDArray[np.uint8]
) -> None:
    cast = (Speaker("anna", "en-us+f3", 0), Speaker("ben", "en-us", 1))
    request = replace(
        request_, picture=couple, text=DIALOGUE, speakers=cast, size=None, motion=0.0, blink=False
    )
    frames = images(request)
    half = len(frames) // 2
    anna, ben = slice(0, 256), slice(256, 512)
    assert movement(frames[: half - 12], anna) > 5 * movement(frames[: half - 12], ben)
    assert movement(frames[half + 12 :], ben) > 5 * movement(frames[half + 12 :], anna)
    with Rendering(request) as rendering:
        samples = np.concatenate([frame.samples for frame in rendering])
    with Rendering(replace(request, speakers=(cast[0], Speaker("ben", "en-us")))) as rendering:
        alone = np.concatenate([frame.samples for frame in rendering])
    assert np.array_equal(samples, alone)


def test_each_face_has_files_of_its_own(
    request_: RenderRequest, couple: NDArray[np.uint8], tmp_path: Path
) -> None:
    cast = (Speaker("anna", "en-us+f3", 0), Speaker("ben", "en-us", 1))
    request = replace(request_, picture=couple, text=DIALOGUE, speakers=cast, size="320x160")
    asked = {"visemes": tmp_path / "v.json", "blendshapes": tmp_path / "b.csv"}
    report = render_files(request, tmp_path / "two.mp4", **asked)
    names = ["b.face-0.csv", "b.face-1.csv", "two.mp4", "v.face-0.json", "v.face-1.json"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    spoken = []
    for face in (0, 1):
        told = json.loads((tmp_path / f"v.face-{face}.json").read_text())
        assert told["duration"] == pytest.approx(report.duration_s, abs=1e-5)
        runs = [run for run in told["visemes"] if run["viseme"] != "sil"]
        spoken.append((runs[0]["start"], runs[-1]["end"]))
        rows = (tmp_path / f"b.face-{face}.csv").read_text().splitlines()
        assert len(rows) == report.frames + 1
    assert 0 < spoken[0][1] < spoken[1][0]
    (tmp_path / "two.mp4").unlink()
    with pytest.raises(OutputError, match=r"v\.face-0\.json exists"):
        render_files(request, tmp_path / "two.mp4", **asked)


def test_a_transcript_gives_a_recording_its_words(
    request_: RenderRequest, tmp_path: Path, write_wav: Callable[..., Path]
) -> None:
    text = (
        "Hello there, my friends. Peter moved far away, and then he stopped. "
        "Nothing else was ever said."
    )
    speech = EspeakEngine().speak([text], SpeechOptions(voice="en-us"))
    chunks = list(speech.chunks)
    said = {word.text: word.start / 22050 for chunk in chunks for word in chunk.words}
    recording = write_wav(np.concatenate([chunk.samples for chunk in chunks]), 22050)
    transcript = tmp_path / "words.txt"
    transcript.write_text(text)
    request = replace(
        request_, text=None, voice=None, audio=recording, subtitles=SubtitleKind.VTT, karaoke=True
    )
    report = render_files(request, tmp_path / "understood.mp4")
    # A robot's English is understood in part, or not taken for English.
    told = " ".join(report.warnings)
    assert ("was understood" in told) != ("makes sense as English" in told)
    if "was understood" in told:
        understood = (tmp_path / "understood.vtt").read_text().lower()
        assert sum(word.strip(".,").lower() in understood for word in set(text.split())) > 3
    report = render_files(replace(request, language="fr"), tmp_path / "without.mp4")
    assert any("no subtitles" in warning for warning in report.warnings)
    render_files(replace(request, transcript=transcript), tmp_path / "with.mp4")
    cues = (tmp_path / "with.vtt").read_text()
    assert "Hello" in cues and "said." in cues
    for second, word in re.findall(r"<00:00:([\d.]+)>(\S+)", cues):
        assert abs(float(second) - said[word]) < 0.25
    subtitled = replace(request, transcript=tmp_path / "with.vtt", subtitles=SubtitleKind.SRT)
    report = render_files(subtitled, tmp_path / "again.mp4")
    assert not report.warnings
    again = (tmp_path / "again.srt").read_text()
    assert " ".join(re.findall(r"^[^\d\n].*", again, re.MULTILINE)) == text
