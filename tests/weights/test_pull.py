"""Downloads from a real server: whole, interrupted, wrong, slow, and from mirrors."""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from file_server import CONTENT, SHA256, FileServer, Served
from lipsmith.errors import DownloadError, OfflineError, WeightsError, WrongHashError
from lipsmith.weights import (
    DownloadProgress,
    WeightsEntry,
    WeightsFile,
    WeightsState,
    WeightsStore,
)
from lipsmith.weights.download import Patience
from lipsmith.weights.entry import Trust
from lipsmith.weights.progress import DownloadStage

Publish = Callable[..., WeightsEntry]


@pytest.fixture
def pinned(server: FileServer, publish: Publish) -> Served:
    """One file whose hash and size the catalogue has."""
    publish(WeightsFile("model.pth", (server.url("/model.pth"),), SHA256, len(CONTENT)))
    server.files["/model.pth"] = Served(CONTENT)
    return server.files["/model.pth"]


@pytest.fixture
def unpinned(server: FileServer, publish: Publish) -> Served:
    """One file of which the catalogue knows nothing but the place."""
    publish(WeightsFile("model.pth", (server.url("/model.pth"),)))
    server.files["/model.pth"] = Served(CONTENT)
    return server.files["/model.pth"]


def files_of(store: WeightsStore) -> list[str]:
    return sorted(p.name for p in (store.folder / "model").glob("*"))


def test_a_file_is_pulled_once(server: FileServer, pinned: Served, store: WeightsStore) -> None:
    seen: list[DownloadProgress] = []
    (path,) = store.pull("model", seen.append)
    assert path.read_bytes() == CONTENT
    assert store.paths("model") == (path,)
    assert files_of(store) == ["model.pth", "weights.json"]
    assert seen[0].total_bytes == len(CONTENT)
    assert [p.stage for p in seen][-2:] == [DownloadStage.DOWNLOAD, DownloadStage.VERIFY]
    assert seen[-1].done_bytes == len(CONTENT)
    store.pull("model")
    assert len(server.asked) == 1


def test_a_cut_connection_is_continued_where_it_was_cut(
    server: FileServer, pinned: Served, store: WeightsStore
) -> None:
    pinned.cuts = [100_000, 50_000]
    (path,) = store.pull("model")
    assert path.read_bytes() == CONTENT
    assert [asked.range for asked in server.asked] == [None, "bytes=100000-", "bytes=150000-"]
    assert [asked.if_range for asked in server.asked] == [None, '"v1"', '"v1"']
    assert [asked.sent_bytes for asked in server.asked] == [100_000, 50_000, 150_000]


def test_what_is_left_of_an_earlier_pull_is_continued(
    server: FileServer, pinned: Served, store: WeightsStore, tmp_path: Path, patience: Patience
) -> None:
    def stop(progress: DownloadProgress) -> None:
        if progress.stage is DownloadStage.RETRY:
            raise KeyboardInterrupt

    pinned.cuts = [120_000]
    with pytest.raises(KeyboardInterrupt):
        store.pull("model", stop)
    assert store.list()[0].state is WeightsState.PARTIAL
    assert not (store.folder / "model/model.pth").exists()
    seen: list[DownloadProgress] = []
    again = WeightsStore(tmp_path / "models", patience=patience)
    assert again.pull("model", seen.append)[0].read_bytes() == CONTENT
    assert seen[0].done_bytes == 120_000
    assert [asked.sent_bytes for asked in server.asked] == [120_000, 180_000]


def test_a_server_without_ranges_sends_it_all_again(
    server: FileServer, pinned: Served, store: WeightsStore
) -> None:
    pinned.ranges = False
    pinned.cuts = [100_000]
    assert store.pull("model")[0].read_bytes() == CONTENT
    assert [asked.status for asked in server.asked] == [200, 200]


def test_a_server_that_always_cuts_at_the_same_place_is_given_up(
    server: FileServer, pinned: Served, store: WeightsStore
) -> None:
    pinned.ranges = False
    pinned.cuts = [100_000] * 100
    with pytest.raises(DownloadError, match="attempts"):
        store.pull("model")
    assert len(server.asked) == 4


def test_a_file_that_changed_meanwhile_is_fetched_from_its_beginning(
    server: FileServer, unpinned: Served, store: WeightsStore
) -> None:
    unpinned.cuts = [100_000]
    newer = bytes(reversed(CONTENT))

    def change(progress: DownloadProgress) -> None:
        if progress.stage is DownloadStage.RETRY:
            unpinned.content, unpinned.etag = newer, '"v2"'

    assert store.pull("model", change)[0].read_bytes() == newer
    assert [asked.status for asked in server.asked] == [200, 200]


def test_a_piece_of_another_file_is_not_kept(
    server: FileServer, pinned: Served, store: WeightsStore
) -> None:
    pinned.etag = None
    pinned.cuts = [100_000]
    pinned.content = bytes(len(CONTENT))

    def mend(progress: DownloadProgress) -> None:
        if progress.stage is DownloadStage.RETRY:
            pinned.content = CONTENT

    assert store.pull("model", mend)[0].read_bytes() == CONTENT
    assert [asked.range for asked in server.asked] == [None, "bytes=100000-", None]


def test_a_wrong_file_in_pieces_is_fetched_twice_at_most(
    server: FileServer, pinned: Served, store: WeightsStore
) -> None:
    pinned.content = bytes(len(CONTENT))
    pinned.cuts = [100_000, len(CONTENT)] * 50
    with pytest.raises(WrongHashError):
        store.pull("model")
    assert len(server.asked) == 4


def test_a_wrong_hash_leaves_nothing_and_names_both(
    server: FileServer, pinned: Served, store: WeightsStore
) -> None:
    pinned.content = bytes(len(CONTENT))
    with pytest.raises(WrongHashError) as raised:
        store.pull("model")
    assert SHA256 in str(raised.value)
    assert hashlib.sha256(bytes(len(CONTENT))).hexdigest() in str(raised.value)
    assert raised.value.exit_code == 1
    assert store.list()[0].state is WeightsState.ABSENT
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "bad",
    [
        Served(CONTENT, statuses=[404] * 9),
        Served(CONTENT, statuses=[403] * 9),
        Served(CONTENT, statuses=[503] * 9),
        Served(bytes(len(CONTENT))),
        Served(CONTENT[:-1]),
        Served(CONTENT + b"more", length=False),
        Served(CONTENT, content_type="text/html; charset=utf-8"),
        Served(CONTENT, cuts=[0] * 9),
    ],
    ids=["404", "403", "503", "wrong", "short", "long", "a web page", "cut"],
)
def test_the_mirror_is_asked_next(
    server: FileServer, publish: Publish, store: WeightsStore, bad: Served
) -> None:
    urls = (server.url("/bad"), server.url("/good"))
    publish(WeightsFile("model.pth", urls, SHA256, len(CONTENT)))
    server.files |= {"/bad": bad, "/good": Served(CONTENT)}
    (path,) = store.pull("model")
    assert path.read_bytes() == CONTENT
    assert sum(asked.sent_bytes for asked in server.asked_for("/good")) == len(CONTENT)


def test_the_mirror_continues_what_the_first_place_began(
    server: FileServer, publish: Publish, store: WeightsStore
) -> None:
    urls = (server.url("/bad"), server.url("/good"))
    publish(WeightsFile("model.pth", urls, SHA256, len(CONTENT)))
    server.files |= {
        "/bad": Served(CONTENT, cuts=[100_000, 0, 0, 0]),
        "/good": Served(CONTENT, etag='"another"'),
    }
    assert store.pull("model")[0].read_bytes() == CONTENT
    assert [asked.sent_bytes for asked in server.asked_for("/good")] == [200_000]


def test_nobody_has_it(server: FileServer, publish: Publish, store: WeightsStore) -> None:
    publish(WeightsFile("model.pth", (server.url("/a"), server.url("/b"))))
    with pytest.raises(DownloadError, match=r"model\.pth.*404 Not Found") as raised:
        store.pull("model")
    assert "\n" not in str(raised.value)
    assert [asked.path for asked in server.asked] == ["/a", "/b"]
    assert store.list()[0].state is WeightsState.ABSENT


def test_an_overloaded_server_is_waited_for(
    server: FileServer, pinned: Served, store: WeightsStore
) -> None:
    pinned.statuses = [503, 429]
    pinned.retry_after = "0"
    assert store.pull("model")[0].read_bytes() == CONTENT
    assert [asked.status for asked in server.asked] == [503, 429, 200]


def test_a_slow_server_shows_its_progress(
    server: FileServer, pinned: Served, store: WeightsStore
) -> None:
    pinned.pause_s = 0.006
    seen: list[DownloadProgress] = []
    store.pull("model", seen.append)
    done = [p.done_bytes for p in seen if p.stage is DownloadStage.DOWNLOAD]
    assert done == sorted(done)
    assert sum(0 < bytes_ < len(CONTENT) for bytes_ in done) >= 2
    assert len(done) < 20


def test_a_silent_server_is_given_up(server: FileServer, pinned: Served, tmp_path: Path) -> None:
    pinned.pause_s = 1.0
    patience = Patience(pauses_s=(), connect_s=1.0, read_s=0.1)
    with pytest.raises(DownloadError, match="in time"):
        WeightsStore(tmp_path / "models", patience=patience).pull("model")


def test_no_network_is_one_plain_line(publish: Publish, store: WeightsStore) -> None:
    urls = ("https://weights.invalid/a", "https://mirror.invalid/a")
    publish(WeightsFile("model.pth", urls))
    with pytest.raises(DownloadError, match="is this machine online") as raised:
        store.pull("model")
    assert "weights.invalid and mirror.invalid" in str(raised.value)
    assert "\n" not in str(raised.value)


def test_nobody_listens(publish: Publish, store: WeightsStore) -> None:
    publish(WeightsFile("model.pth", ("http://127.0.0.1:9/a",)))
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1:9.*refused"):
        store.pull("model")


def test_an_encryption_that_fails_is_not_tried_again(
    server: FileServer, publish: Publish, store: WeightsStore
) -> None:
    publish(WeightsFile("model.pth", (server.url("/a").replace("http:", "https:"),)))
    seen: list[DownloadProgress] = []
    with pytest.raises(DownloadError, match="no encrypted connection"):
        store.pull("model", seen.append)
    assert not seen


@pytest.mark.parametrize("seed", range(12))
def test_whatever_servers_do_the_file_is_whole(
    server: FileServer, publish: Publish, store: WeightsStore, seed: int
) -> None:
    """Three places that cut, refuse ranges, have no ETags or another file; one is good at last."""
    chance = random.Random(seed)
    for place in "abc":
        server.files[f"/{place}"] = Served(
            CONTENT if place == "c" or chance.random() < 0.5 else chance.randbytes(len(CONTENT)),
            etag=chance.choice(['"v1"', 'W/"v1"', None]),
            ranges=chance.random() < 0.7,
            length=place == "c" or chance.random() < 0.7,
            cuts=[chance.randrange(len(CONTENT)) for _ in range(chance.randrange(4))],
            statuses=[503] * chance.randrange(3),
        )
    size = chance.choice([len(CONTENT), None])
    publish(WeightsFile("model.pth", tuple(server.url(f"/{p}") for p in "abc"), SHA256, size))
    assert store.pull("model")[0].read_bytes() == CONTENT
    assert files_of(store) == ["model.pth", "weights.json"]


def test_the_hash_that_the_host_states_counts(
    server: FileServer, unpinned: Served, store: WeightsStore
) -> None:
    unpinned.linked_etag = f'"{SHA256}"'
    store.pull("model")
    assert [check.trust for check in store.verify("model")] == [Trust.HOST]
    store.remove("model")
    unpinned.content = bytes(len(CONTENT))
    with pytest.raises(WrongHashError, match=SHA256):
        store.pull("model")


def test_a_first_download_is_remembered(
    server: FileServer, unpinned: Served, store: WeightsStore
) -> None:
    (path,) = store.pull("model")
    assert [check.trust for check in store.verify("model")] == [Trust.FIRST_USE]
    path.unlink()
    unpinned.content = bytes(len(CONTENT))
    with pytest.raises(WrongHashError, match=f"{SHA256}.*lipsmith models remove"):
        store.pull("model")
    store.remove("model")
    assert store.pull("model")[0].read_bytes() == unpinned.content


def test_a_file_of_unknown_length_is_taken(
    server: FileServer, unpinned: Served, store: WeightsStore
) -> None:
    unpinned.length = False
    seen: list[DownloadProgress] = []
    assert store.pull("model", seen.append)[0].read_bytes() == CONTENT
    assert seen[0].total_bytes is None


def test_a_damaged_file_is_pulled_again(
    server: FileServer, pinned: Served, store: WeightsStore
) -> None:
    (path,) = store.pull("model")
    path.write_bytes(bytes(len(CONTENT)))
    assert store.verify("model")[0].problem
    assert store.pull("model")[0].read_bytes() == CONTENT
    assert not store.verify("model")[0].problem
    path.write_bytes(b"cut off")
    assert store.list()[0].state is WeightsState.DAMAGED


def test_only_the_missing_one_of_two_files_is_pulled(
    server: FileServer, publish: Publish, store: WeightsStore
) -> None:
    publish(*(WeightsFile(name, (server.url(f"/{name}"),)) for name in ("a.onnx", "a.json")))
    server.files["/a.onnx"] = Served(CONTENT)
    with pytest.raises(DownloadError, match=r"a\.json"):
        store.pull("model")
    assert store.list()[0].state is WeightsState.PARTIAL
    server.files["/a.json"] = Served(b"{}")
    onnx, config = store.pull("model")
    assert (onnx.name, config.name) == ("a.onnx", "a.json")
    assert len(server.asked_for("/a.onnx")) == 1


def test_pulls_at_once_download_once(
    server: FileServer, pinned: Served, tmp_path: Path, patience: Patience
) -> None:
    pinned.pause_s = 0.002
    seen: list[DownloadProgress] = []
    pulled: list[bytes] = []

    def pull() -> None:
        store = WeightsStore(tmp_path / "models", patience=patience)
        pulled.append(store.pull("model", seen.append)[0].read_bytes())

    threads = [threading.Thread(target=pull) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert pulled == [CONTENT] * 4
    assert len(server.asked) == 1
    assert sum(p.stage is DownloadStage.WAIT for p in seen) == 3


def test_offline_refuses_and_says_the_way_out(
    server: FileServer, pinned: Served, store: WeightsStore, tmp_path: Path
) -> None:
    offline = WeightsStore(tmp_path / "models", offline=True)
    with pytest.raises(OfflineError, match=r"lipsmith models pull model --from") as raised:
        offline.pull("model")
    assert raised.value.exit_code == 2
    assert not server.asked
    store.pull("model")
    assert offline.pull("model") == store.paths("model")


def test_a_full_disk_is_noticed_before_the_download(
    server: FileServer, publish: Publish, store: WeightsStore
) -> None:
    publish(WeightsFile("model.pth", (server.url("/model.pth"),), SHA256, 1 << 60))
    server.files["/model.pth"] = Served(CONTENT, length=False)
    with pytest.raises(DownloadError, match=r"no room for model\.pth.*MB are free"):
        store.pull("model")


def test_a_folder_that_cannot_be_written_is_named(
    server: FileServer, pinned: Served, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(WeightsError, match=r"cannot write.*LIPSMITH_MODELS"):
        WeightsStore(tmp_path / "file").pull("model")


def test_the_proxy_of_the_environment_is_used(
    server: FileServer, publish: Publish, store: WeightsStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", server.address)
    monkeypatch.delenv("NO_PROXY", raising=False)
    publish(WeightsFile("model.pth", ("http://weights.invalid/model.pth",), SHA256))
    server.files["http://weights.invalid/model.pth"] = Served(CONTENT)
    assert store.pull("model")[0].read_bytes() == CONTENT
    monkeypatch.setenv("HTTP_PROXY", "nonsense://127.0.0.1")
    store.remove("model")
    with pytest.raises(DownloadError, match="proxy"):
        store.pull("model")
