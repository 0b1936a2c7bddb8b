"""The catalogue: what can be pulled, and from where."""

from __future__ import annotations

import re

import pytest

from lipsmith.errors import UnknownWeightsError
from lipsmith.weights import WeightsEntry, all_weights, find_weights


@pytest.mark.parametrize("entry", all_weights(), ids=lambda entry: entry.name)
def test_every_entry_can_be_used(entry: WeightsEntry) -> None:
    assert find_weights(entry.name) is not None
    assert re.fullmatch(r"[a-z0-9.-]+|piper:[\w-]+", entry.name)
    assert entry.licence
    assert entry.needed_by
    assert entry.page.startswith("https://")
    names = [file.name for file in entry.files]
    assert len(set(names)) == len(names) > 0
    for file in entry.files:
        assert re.fullmatch(r"[\w.-]+", file.name)
        assert file.urls
        assert all(url.startswith("https://") for url in file.urls)
        assert file.sha256 is None or re.fullmatch("[0-9a-f]{64}", file.sha256)
        assert file.size is None or file.size > 0


def test_names_and_hashes_are_not_shared() -> None:
    names = [entry.name for entry in all_weights()]
    assert len(set(names)) == len(names)
    pinned: dict[str, str] = {}
    for entry in all_weights():
        for file in entry.files:
            if file.sha256:
                assert pinned.setdefault(file.sha256, file.name) == file.name


def test_a_pinned_voice_comes_from_a_fixed_revision() -> None:
    voice = find_weights("piper:en_US-lessac-medium")
    onnx, config = voice.files
    assert onnx.sha256 == "5efe09e69902187827af646e1a6e9d269dee769f9877d17b16b1b46eeaaf019f"
    assert onnx.size == 63_201_294
    assert voice.size == 63_201_294 + 4_885
    assert "/resolve/main/" not in onnx.urls[0]
    assert onnx.urls[0].endswith("/en/en_US/lessac/medium/en_US-lessac-medium.onnx")
    assert config.urls[0] == onnx.urls[0] + ".json"
    assert voice.commercial is False


def test_any_other_voice_is_found_by_its_name() -> None:
    voice = find_weights("piper:nl_BE-nathalie-x_low")
    assert [file.name for file in voice.files] == [
        "nl_BE-nathalie-x_low.onnx",
        "nl_BE-nathalie-x_low.onnx.json",
    ]
    assert voice.files[0].urls == (
        "https://huggingface.co/rhasspy/piper-voices/resolve/main"
        "/nl/nl_BE/nathalie/x_low/nl_BE-nathalie-x_low.onnx",
    )
    assert voice.files[0].sha256 is None
    assert voice.size is None
    assert voice.commercial is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("wav2lip-gam", "did you mean wav2lip-gan"),
        ("piper:en_US-lessac", "piper:en_US-lessac-medium"),
        ("piper:../../secrets-medium", "called like"),
        ("nothing", "lipsmith models list"),
    ],
)
def test_an_unknown_name_gets_a_hint(name: str, hint: str) -> None:
    with pytest.raises(UnknownWeightsError, match=re.escape(hint)) as raised:
        find_weights(name)
    assert raised.value.exit_code == 2
