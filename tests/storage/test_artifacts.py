from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from lipsmith.errors import MissingArtifactError, StorageError
from lipsmith.storage.artifacts import ArtifactStore, media_type

pytest.importorskip("obstore", reason="pip install 'lipsmith[service]'")


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(str(tmp_path / "kept here"))


def test_what_is_put_is_read_whole_and_in_parts(store: ArtifactStore) -> None:
    data = bytes(range(256)) * 9000
    kept = store.put_bytes(data, ".mp4")
    assert kept.name.endswith(hashlib.sha256(data).hexdigest() + ".mp4")
    assert kept.size == len(data)
    assert b"".join(store.read(kept.name)) == data
    assert b"".join(store.read(kept.name, 100, 1_500_000)) == data[100:1_500_000]
    assert b"".join(store.read(kept.name, len(data) - 3)) == data[-3:]


def test_the_same_is_kept_once(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "a.WAV").write_bytes(b"RIFF")
    first = store.put_file(tmp_path / "a.WAV")
    second = store.put_bytes(b"RIFF", ".wav")
    assert first == second
    assert [each.name for each in store.list()] == [first.name]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "ab/../x", "ab/cd", "", "aa/" + "a" * 64 + ".mp4/..", "bb/" + "a" * 64],
)
def test_no_name_leads_out_of_the_store(store: ArtifactStore, name: str) -> None:
    with pytest.raises(MissingArtifactError):
        list(store.read(name))
    with pytest.raises(MissingArtifactError):
        store.delete(name)


def test_what_is_missing_is_told(store: ArtifactStore, tmp_path: Path) -> None:
    name = "aa/" + "a" * 64 + ".mp4"
    assert store.find(name) is None
    store.delete(name)
    with pytest.raises(MissingArtifactError, match=name):
        list(store.read(name))
    with pytest.raises(MissingArtifactError):
        store.fetch(name, tmp_path / "here.mp4")


def test_places_that_are_none_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError, match="cannot make the folder"):
        ArtifactStore(str(tmp_path / "file"))
    with pytest.raises(StorageError, match="give a folder or s3"):
        ArtifactStore("ftp://somewhere/else")


def test_types_by_name() -> None:
    assert media_type("aa/x.vtt") == "text/vtt"
    assert media_type("aa/x.mp4") == "video/mp4"
    assert media_type("aa/x") == "application/octet-stream"
