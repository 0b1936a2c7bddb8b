"""Files that are here: paths, given files, verification, removal, licences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from file_server import CONTENT, SHA256, FileServer
from lipsmith.errors import (
    LicenceError,
    MissingWeightsError,
    UnknownWeightsError,
    WeightsError,
    WrongHashError,
)
from lipsmith.weights import WeightsEntry, WeightsFile, WeightsState, WeightsStore
from lipsmith.weights.entry import Trust, size_text

Publish = Callable[..., WeightsEntry]


@pytest.fixture
def two_files(publish: Publish) -> WeightsEntry:
    """A large file with a known hash, and a small one of which nothing is known."""
    return publish(
        WeightsFile("big.onnx", ("https://weights.invalid/big",), SHA256, len(CONTENT)),
        WeightsFile("small.json", ("https://weights.invalid/small",)),
    )


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """A folder with both."""
    folder = tmp_path / "given"
    folder.mkdir()
    (folder / "big.onnx").write_bytes(CONTENT)
    (folder / "small.json").write_bytes(b"{}")
    return folder


def test_a_missing_model_says_what_to_type(two_files: WeightsEntry, store: WeightsStore) -> None:
    with pytest.raises(MissingWeightsError, match="lipsmith models pull model") as raised:
        store.paths("model")
    assert raised.value.exit_code == 2
    assert not store.folder.exists()
    for ask in (store.verify, store.remove):
        with pytest.raises(MissingWeightsError, match="not in"):
            ask("model")
    with pytest.raises(UnknownWeightsError):
        store.paths("modle")


def test_files_of_a_folder_are_taken(
    two_files: WeightsEntry, store: WeightsStore, given: Path
) -> None:
    status = store.register("model", [given])
    assert status.state is WeightsState.READY
    assert [path.read_bytes() for path in store.paths("model")] == [CONTENT, b"{}"]
    assert store.path("model").name == "big.onnx"
    assert [check.trust for check in store.verify("model")] == [Trust.PINNED, Trust.GIVEN]
    assert (given / "big.onnx").exists()


def test_a_file_with_another_name_is_known_by_its_hash(
    two_files: WeightsEntry, store: WeightsStore, given: Path
) -> None:
    renamed = (given / "big.onnx").rename(given / "download (1).bin")
    assert store.register("model", [renamed]).state is WeightsState.PARTIAL
    assert store.register("model", [given / "small.json"]).state is WeightsState.READY


def test_a_wrong_file_is_not_taken_and_not_touched(
    two_files: WeightsEntry, store: WeightsStore, given: Path
) -> None:
    (given / "big.onnx").write_bytes(b"something else")
    with pytest.raises(WrongHashError, match=SHA256):
        store.register("model", [given / "big.onnx"])
    assert (given / "big.onnx").read_bytes() == b"something else"
    assert store.list()[0].state is WeightsState.ABSENT


@pytest.mark.parametrize(
    ("name", "reason"),
    [("gone.onnx", "no such file"), ("stranger.bin", "none of the files"), ("empty", "has none")],
)
def test_a_file_that_does_not_belong_is_refused(
    two_files: WeightsEntry, store: WeightsStore, tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "stranger.bin").write_bytes(b"?")
    (tmp_path / "empty").mkdir()
    with pytest.raises(WeightsError, match=reason):
        store.register("model", [tmp_path / name])


def test_a_file_that_was_put_there_by_hand_is_adopted(
    publish: Publish, store: WeightsStore
) -> None:
    publish(WeightsFile("big.onnx", ("https://weights.invalid/big",), SHA256))
    folder = store.folder / "model"
    folder.mkdir(parents=True)
    (folder / "big.onnx").write_bytes(CONTENT)
    assert store.list()[0].state is WeightsState.DAMAGED
    assert store.pull("model") == (folder / "big.onnx",)
    assert store.list()[0].state is WeightsState.READY


def test_verification_reads_the_bytes(
    two_files: WeightsEntry, store: WeightsStore, given: Path
) -> None:
    store.register("model", [given])
    assert not any(check.problem for check in store.verify("model"))
    big, small = store.paths("model")
    big.write_bytes(CONTENT[:-1] + b"?")
    small.unlink()
    problems = [check.problem for check in store.verify("model")]
    assert SHA256 in problems[0]
    assert "missing" in problems[1]


def test_removal_frees_the_bytes(two_files: WeightsEntry, store: WeightsStore, given: Path) -> None:
    store.register("model", [given])
    assert store.remove("model") > len(CONTENT)
    assert not (store.folder / "model").exists()
    assert store.list()[0].state is WeightsState.ABSENT


def test_a_broken_record_is_no_record(
    two_files: WeightsEntry, store: WeightsStore, given: Path
) -> None:
    store.register("model", [given])
    (store.folder / "model/weights.json").write_text('{"files": [{"name": 3}]}')
    assert store.list()[0].state is WeightsState.DAMAGED
    assert store.register("model", [given]).state is WeightsState.READY


@pytest.mark.parametrize("commercial", [False, None])
def test_commercial_use_needs_a_licence_that_allows_it(
    publish: Publish, server: FileServer, tmp_path: Path, given: Path, commercial: bool | None
) -> None:
    publish(WeightsFile("big.onnx", (server.url("/big"),)), commercial=commercial)
    free = WeightsStore(tmp_path / "models")
    free.register("model", [given])
    bound = WeightsStore(tmp_path / "models", commercial=True)
    for ask in (
        bound.paths,
        bound.pull,
        lambda name: bound.register(name, [given]),
    ):
        with pytest.raises(LicenceError, match=r"CC BY-NC 4\.0") as raised:
            ask("model")
        assert raised.value.exit_code == 2
    assert free.paths("model")
    assert not server.asked
    assert bound.remove("model")


def test_commercial_use_is_allowed_where_the_licence_says_so(
    publish: Publish, tmp_path: Path, given: Path
) -> None:
    publish(WeightsFile("big.onnx", ("https://weights.invalid/big",)), commercial=True)
    store = WeightsStore(tmp_path / "models", commercial=True)
    store.register("model", [given])
    assert store.paths("model")


def test_voices_beyond_the_catalogue_are_listed_when_they_are_here(
    store: WeightsStore, tmp_path: Path
) -> None:
    name = "xx_YY-somebody-low"
    folder = tmp_path / "voice"
    folder.mkdir()
    (folder / f"{name}.onnx").write_bytes(CONTENT)
    (folder / f"{name}.onnx.json").write_bytes(b"{}")
    store.register(f"piper:{name}", [folder])
    here = {status.entry.name: status.state for status in store.list()}
    assert here[f"piper:{name}"] is WeightsState.READY
    assert here["piper:en_US-lessac-medium"] is WeightsState.ABSENT
    onnx, config = store.paths(f"piper:{name}")
    assert config == onnx.with_name(f"{onnx.name}.json")


@pytest.mark.parametrize(
    ("size", "text"),
    [(None, "unknown"), (700, "700 bytes"), (4_885, "4.9 kB"), (63_201_294, "63 MB")],
)
def test_sizes_are_written_for_people(size: int | None, text: str) -> None:
    assert size_text(size) == text
