"""Scripts and SSML said by engines of every kind: online, of phonemes, of letters."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("edge_tts", reason="needs lipsmith[edge]")
pytest.importorskip("gtts", reason="needs lipsmith[gtts]")
pytest.importorskip("piper", reason="needs lipsmith[piper]")
pytest.importorskip("onnx", reason="needs lipsmith[piper]")

from stand_in_services import EdgeService, GoogleService, edge_service, google_service
from tiny_voices import make_piper_voice, make_vits_checkpoint

import lipsmith
from lipsmith.core.request import RenderRequest, Speaker
from lipsmith.core.speech import Speech, SpeechChunk
from lipsmith.pipeline.speaking import open_speech

LINES = {
    "edie": "Good morning to all of you who came here today.",
    "gina": "And what is it that we are going to do?",
    "pia": "We build a boat, and then we paint it blue.",
    "vic": "My brother brings the paint along tomorrow.",
    "esther": "That is all that I wanted to know.",
}


@dataclass
class Voices:
    """What `--voice` takes for each engine, and the services behind two of them."""

    edge: str
    gtts: str
    piper: str
    espeak: str
    vits: str
    edge_service: EdgeService
    google_service: GoogleService


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path | None]:
    folder = tmp_path_factory.mktemp("models")
    piper = make_piper_voice(folder)
    try:
        import torch  # noqa: F401
        import transformers  # noqa: F401
    except ImportError:
        return piper, None
    letters = "abcdefghijklmnopqrstuvwxyz'-"
    return piper, make_vits_checkpoint(folder / "vits", letters=letters, language="eng")


@pytest.fixture
def voices(
    models: tuple[Path, Path | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Voices]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    piper, vits = models
    with edge_service(monkeypatch) as edge, google_service(monkeypatch) as google:
        yield Voices(
            "edge:en-US-AriaNeural", "gtts:en", f"piper:{piper}", "espeak:en-us",
            f"vits:{vits}" if vits else "espeak:de", edge, google,
        )  # fmt: skip


def speak(text: str, voice: str | None, *speakers: Speaker, **more: object) -> list[SpeechChunk]:
    """The chunks of a whole speech, checked to be whole."""
    request = RenderRequest(Path("none"), text, voice=voice, speakers=speakers, **more)  # type: ignore[arg-type]
    with ExitStack() as stack:
        speech = open_speech(request, text, stack)()
        chunks = list(speech.chunks)
    check(speech, chunks)
    return chunks


def check(speech: Speech, chunks: list[SpeechChunk]) -> None:
    position = 0
    for chunk in chunks:
        assert chunk.start == position and chunk.phones
        assert chunk.samples.shape[1] == speech.channels
        assert (chunk.phones[0].start, chunk.phones[-1].end) == (chunk.start, chunk.end)
        assert all(a.end == b.start for a, b in itertools.pairwise(chunk.phones))
        assert all(chunk.start <= w.start < w.end <= chunk.end for w in chunk.words)
        position = chunk.end
    shares = [chunk.progress for chunk in chunks]
    assert shares == sorted(shares) and shares[-1] == pytest.approx(1.0)


def level(chunk: SpeechChunk) -> float:
    loud = np.abs(chunk.samples) > 0.02
    return float(20 * np.log10(np.sqrt(np.mean(chunk.samples[loud] ** 2))))


def test_every_speaker_has_an_engine_of_their_own(voices: Voices) -> None:
    text = " ".join(f"[{name}] {line}" for name, line in LINES.items())
    cast = zip(
        LINES, (voices.edge, voices.gtts, voices.piper, voices.vits, voices.espeak), strict=True
    )
    chunks = speak(text, None, *(Speaker(name, voice) for name, voice in cast))
    assert [chunk.speaker for chunk in chunks] == list(LINES)
    assert [chunk.text for chunk in chunks] == list(LINES.values())
    assert voices.edge_service.sentences == [LINES["edie"]]
    assert voices.google_service.sentences == [LINES["gina"]]
    levels = [level(chunk) for chunk in chunks]
    assert max(levels) - min(levels) < 6


def test_the_first_speaker_tells_the_rate(voices: Voices) -> None:
    text = "[edie] Good morning. [pia] We build a boat."
    for first, second, rate_hz in (
        (voices.edge, voices.piper, 24_000),
        (voices.piper, voices.edge, 22_050),
    ):
        request = RenderRequest(
            Path("none"), text, speakers=(Speaker("edie", first), Speaker("pia", second))
        )
        with ExitStack() as stack:
            speech = open_speech(request, text, stack)()
            assert speech.rate_hz == rate_hz
            check(speech, list(speech.chunks))


ENGINES = ["edge", "gtts", "piper", "vits", "espeak"]


@pytest.fixture
def engine(request: pytest.FixtureRequest, voices: Voices) -> str:
    """An engine's name; a test is skipped where its packages are not installed."""
    if request.param == "vits" and not voices.vits.startswith("vits"):
        pytest.skip("needs lipsmith[vits]")
    return str(request.param)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_ssml_is_said_by_every_engine(voices: Voices, engine: str) -> None:
    text = (
        'We <emphasis level="strong">build</emphasis> a boat.<break time="1500ms"/> '
        '<mark name="then"/>Then we <prosody rate="60%" volume="soft">paint it</prosody> '
        'blue<mark name="end"/>.'
    )
    chunks = speak(f"<speak>{text}</speak>", getattr(voices, engine))
    said = " ".join(chunk.text or "" for chunk in chunks).split()
    assert [word.strip(".") for word in said if word != "."] == (
        ["We", "build", "a", "boat", "Then", "we", "paint", "it", "blue"]
    )
    samples = np.concatenate([chunk.samples for chunk in chunks])[:, 0]
    silent = np.convolve(np.abs(samples) < 1e-3, np.ones(100), "valid") > 99
    longest = max(len(list(run)) for is_silent, run in itertools.groupby(silent) if is_silent)
    rate_hz = {"edge": 24_000, "gtts": 24_000, "vits": 16_000}.get(engine, 22_050)
    assert longest > 1.4 * rate_hz
    marks = {mark.name: mark.at for chunk in chunks for mark in chunk.marks}
    assert list(marks) == ["then", "end"]
    begins = [w.start for c in chunks for w in c.words if w.text == "Then"]
    ends = [w.end for c in chunks for w in c.words if w.text.startswith("blue")]
    if engine != "gtts":  # nothing that hums can be aligned with its words
        assert list(marks.values()) == begins + ends


@pytest.mark.parametrize("engine", ENGINES[:-1], indirect=True)
def test_ssml_says_letters_and_warns_of_what_an_engine_lacks(voices: Voices, engine: str) -> None:
    text = (
        '<speak>The <say-as interpret-as="characters">ibm</say-as> '
        '<prosody pitch="+20%">boat</prosody> is <phoneme ph="bluː">blew</phoneme>.</speak>'
    )
    request = RenderRequest(Path("none"), text, voice=getattr(voices, engine))
    with ExitStack() as stack:
        speech = open_speech(request, text, stack)()
        chunks = list(speech.chunks)
    said = " ".join(chunk.text or "" for chunk in chunks)
    assert "I, B, M" in said
    told = " ".join(speech.warnings)
    assert ("pitch" in told) == (engine != "edge")
    assert ("pronunciation" in told) == (engine != "piper")


def test_a_document_changes_from_engine_to_engine(voices: Voices) -> None:
    text = (
        f'<speak>We begin. <voice name="{voices.edge}">The wind goes on.</voice> '
        f'<voice name="{voices.piper}">And piper ends <mark name="it"/>it.</voice></speak>'
    )
    chunks = speak(text, "en-us")
    assert voices.edge_service.sentences == ["The wind goes on."]
    (mark,) = chunks[-1].marks
    assert mark.at == chunks[-1].words[-1].start


def test_a_script_falls_back_in_the_turn_that_fails(voices: Voices) -> None:
    voices.edge_service.fail_on = "wind"
    text = "[edie] Good morning. [pia] Hello. [edie] The wind stops it all. [edie] Still here."
    edie = Speaker("edie", f"{voices.edge},espeak")
    request = RenderRequest(Path("none"), text, speakers=(edie, Speaker("pia", voices.piper)))
    with ExitStack() as stack:
        speech = open_speech(request, text, stack)()
        chunks = list(speech.chunks)
    check(speech, chunks)
    assert [c.speaker for c in chunks] == ["edie", "pia", "edie", "edie"]
    assert len([told for told in speech.warnings if "broke off" in told]) == 1
    assert "Still here." not in voices.edge_service.sentences


def test_a_render_of_mixed_voices_has_subtitles_and_visemes(
    voices: Voices, portrait_path: Path, tmp_path: Path
) -> None:
    report = lipsmith.render(
        portrait_path, text="[edie] Good morning. [pia] We build a boat.", size=(128, 128),
        speakers={"edie": voices.edge, "pia": voices.piper}, subtitles="srt",
        out=tmp_path / "two.mp4", visemes=tmp_path / "two.json",
    )  # fmt: skip
    subtitles = (tmp_path / "two.srt").read_text()
    assert "edie: Good morning." in subtitles and "pia: We build a boat." in subtitles
    told = json.loads((tmp_path / "two.json").read_text())
    assert told["duration"] == pytest.approx(report.duration_s, abs=1e-5)
    assert report.warnings == ()
