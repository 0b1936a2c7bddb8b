"""Kokoro in an environment of its own. The slow tests install the real kokoro-onnx from PyPI."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
import tiny_kokoro

from lipsmith.core.resources import Resources
from lipsmith.core.speech import Timing
from lipsmith.environments.catalog import KOKORO
from lipsmith.environments.install import install
from lipsmith.environments.store import EnvironmentStore
from lipsmith.errors import MissingEnvironmentError, OptionError
from lipsmith.speech.base import SpeechOptions
from lipsmith.speech.kokoro import KokoroEngine


@pytest.fixture
def engine(tmp_path: Path) -> KokoroEngine:
    engine = KokoroEngine()
    engine.resources = Resources(home=tmp_path)
    return engine


def test_without_its_environment_it_says_what_to_type(engine: KokoroEngine) -> None:
    with pytest.raises(MissingEnvironmentError, match="lipsmith engines install kokoro"):
        engine.speak(["Hello."], SpeechOptions("af_heart"))
    with pytest.raises(MissingEnvironmentError):
        engine.voices()


def test_a_name_tells_the_language(engine: KokoroEngine) -> None:
    assert engine.language_of("bf_emma") == "en-GB"
    assert engine.language_of("/models/model.onnx#pf_dora") == "pt-BR"
    assert engine.language_of("nobody") is None


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the real environment in it."""
    folder = tmp_path_factory.mktemp("home")
    store = EnvironmentStore(folder)
    made = install(store, KOKORO)
    assert made.packages["kokoro-onnx"] == "0.6.0"
    assert store.verify(KOKORO) == ()
    return folder


@pytest.mark.slow
def test_the_real_package_speaks_with_a_tiny_model(home: Path, tmp_path: Path) -> None:
    engine = KokoroEngine()
    engine.resources = Resources(home=home)
    model = tiny_kokoro.write(tmp_path)
    try:
        text = ["My baby bought a boat. Peter paid for it all, and he never told us why."]
        speech = engine.speak(text, SpeechOptions(f"{model}#af_test"), len(text[0]))
        chunks = list(speech.chunks)
        assert speech.rate_hz == 24_000
        assert speech.language == "en-US"
        assert engine.capabilities.timing is Timing.PHONES
        phones = [phone for chunk in chunks for phone in chunk.phones or ()]
        assert [p.symbol for p in phones if p.symbol][:4] == ["m", "a", "ɪ", "b"]
        assert all(a.end == b.start for a, b in itertools.pairwise(phones))
        assert phones[-1].end == chunks[-1].end
        sound = np.concatenate([chunk.samples for chunk in chunks])
        assert np.abs(sound).max() > 0.5
        assert chunks[-1].progress == 1
        unsaid = engine.speak(["\u2603\ufe0e" * 3, "Hello."], SpeechOptions(f"{model}#af_test"))
        assert sum(len(chunk.samples) for chunk in unsaid.chunks) > 0
        slow = engine.speak(text, SpeechOptions(f"{model}#af_test", rate_wpm=90))
        assert sum(len(chunk.samples) for chunk in slow.chunks) > 1.5 * len(sound)
    finally:
        engine.close()


@pytest.mark.slow
def test_a_model_without_times_is_listened_to(home: Path, tmp_path: Path) -> None:
    engine = KokoroEngine()
    engine.resources = Resources(home=home)
    model = tiny_kokoro.write(tmp_path, times=False)
    try:
        speech = engine.speak(["Hello there."], SpeechOptions(f"{model}#af_test"))
        assert [chunk.phones for chunk in speech.chunks] == [None]
        assert engine.capabilities.timing is Timing.NONE
    finally:
        engine.close()


@pytest.mark.slow
def test_what_cannot_be_used_is_named(home: Path, tmp_path: Path) -> None:
    engine = KokoroEngine()
    engine.resources = Resources(home=home, models=tmp_path)
    model = tiny_kokoro.write(tmp_path)
    cases = {
        f"{model}#af_tess": "has no voice 'af_tess'; near: af_test",
        f"{tmp_path}/no.onnx#af_test": "no file with exactly one .bin",
        "jf_alpha": "cannot read Japanese",
        "bob": "Kokoro has no voice 'bob'",
    }
    try:
        for voice, reason in cases.items():
            with pytest.raises(OptionError, match=reason):
                engine.speak(["Hello."], SpeechOptions(voice))
        broken = model.with_name("broken.onnx")
        broken.write_bytes(b"no model at all")
        with pytest.raises(OptionError, match="cannot be read as Kokoro's model"):
            engine.speak(["Hello."], SpeechOptions(f"{broken}#af_test"))
    finally:
        engine.close()
