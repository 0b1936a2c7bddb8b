"""Artefacts on a real S3 server."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

pytest.importorskip("obstore", reason="pip install 'lipsmith[service]'")

from lipsmith.errors import MissingArtifactError, StorageError
from lipsmith.storage.artifacts import ArtifactStore, artifact_name
from running_s3 import RunningS3

pytestmark = pytest.mark.s3
_PUT = """
import sys
from pathlib import Path
from lipsmith.storage.artifacts import ArtifactStore
print(flush=True)
ArtifactStore(sys.argv[1]).put_file(Path(sys.argv[2]))
"""


@pytest.fixture
def store(s3: RunningS3, monkeypatch: pytest.MonkeyPatch) -> ArtifactStore:
    for name, value in s3.settings.items():
        monkeypatch.setenv(name, value)
    opened = ArtifactStore(s3.url)
    opened.check()
    return opened


def test_what_is_put_is_read_whole_in_parts_and_into_files(
    store: ArtifactStore, tmp_path: Path
) -> None:
    data = os.urandom(3_000_000)
    kept = store.put_bytes(data, ".mp4")
    assert kept.size == len(data)
    assert b"".join(store.read(kept.name)) == data
    assert b"".join(store.read(kept.name, 999_999, 2_100_001)) == data[999_999:2_100_001]
    assert store.fetch(kept.name, tmp_path / "here.mp4").read_bytes() == data
    assert kept.name in {each.name for each in store.list()}
    assert store.put_bytes(data, ".mp4") == kept
    store.delete(kept.name)
    assert store.find(kept.name) is None
    with pytest.raises(MissingArtifactError):
        next(store.read(kept.name))


def test_a_signed_link_serves_ranges_and_expires(store: ArtifactStore) -> None:
    kept = store.put_bytes(b"0123456789" * 100, ".mp4")
    assert store.signs
    url = store.sign(kept.name, timedelta(seconds=2))
    answer = httpx.get(url, headers={"Range": "bytes=12-15"})
    assert (answer.status_code, answer.content) == (206, b"2345")
    assert answer.headers["content-type"] == "video/mp4"
    assert "immutable" in answer.headers["cache-control"]
    assert httpx.get(store.sign(kept.name, timedelta(days=30))).status_code == 200
    assert httpx.get(url.replace("Signature=", "Signature=0")).status_code == 403
    assert httpx.get(url.partition("?")[0]).status_code == 403
    time.sleep(3)
    assert httpx.get(url).status_code == 403


def test_what_was_not_put_whole_is_not_there(
    store: ArtifactStore, s3: RunningS3, tmp_path: Path
) -> None:
    path = tmp_path / "long.mp4"
    block = os.urandom(1 << 20)
    path.write_bytes(block * 160)
    name = artifact_name(hashlib.sha256(block * 160).hexdigest(), ".mp4")
    torn = 0
    for after_s in (0.3, 0.5, 0.7):
        command = [sys.executable, "-c", _PUT, s3.url, str(path)]
        child = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(after_s)
        child.send_signal(signal.SIGKILL)
        child.communicate()
        found = store.find(name)
        torn += found is None
        assert found is None or found.size == len(block) * 160
        store.delete(name)
    assert torn
    assert store.put_file(path).name == name
    assert b"".join(store.read(name, 0, len(block))) == block


@pytest.mark.parametrize(
    ("url", "setting", "value", "told"),
    [
        ("s3://nobody-has-it/x", "AWS_REGION", "us-east-1", "no such bucket"),
        (RunningS3.url, "AWS_ACCESS_KEY_ID", "NOBODY", "AWS_ACCESS_KEY_ID is not known"),
        (RunningS3.url, "AWS_SECRET_ACCESS_KEY", "wrong", "AWS_SECRET_ACCESS_KEY is not the one"),
        (RunningS3.url, "AWS_ENDPOINT_URL", "http://127.0.0.1:1", "127.0.0.1:1 cannot be reached"),
    ],
)
def test_a_place_that_cannot_be_used_is_told_at_once(
    s3: RunningS3,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    setting: str,
    value: str,
    told: str,
) -> None:
    for name, given in {**s3.settings, setting: value}.items():
        monkeypatch.setenv(name, given)
    started_s = time.monotonic()
    with pytest.raises(StorageError, match=told) as caught:
        ArtifactStore(url).check()
    assert s3.secret not in str(caught.value) and "wrong" not in str(caught.value)
    assert time.monotonic() - started_s < 10
