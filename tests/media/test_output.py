from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from lipsmith.errors import OutputError
from lipsmith.media.output import check_output, written_aside


def test_a_good_place_is_left_untouched(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.WebM", "c.gif", "ü n.mp4", "x" * 250 + ".mp4"):
        check_output(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["video", "video.avi", "video.mp4.txt", ".mp4"])
def test_an_unknown_suffix_names_the_known_ones(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"\.mp4, \.webm, \.gif"):
        check_output(tmp_path / name)


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no such folder: .*nowhere; make it first: mkdir -p"):
        check_output(tmp_path / "nowhere" / "a.mp4")
    (tmp_path / "folder.mp4").mkdir()
    with pytest.raises(OutputError, match=r"folder\.mp4 is a folder; give a file name in it"):
        check_output(tmp_path / "folder.mp4", overwrite=True)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="no such folder"):
        check_output(tmp_path / "file" / "a.mp4")


def test_an_unwritable_folder_is_found_out_before_work(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        folder = Path("/proc")  # root may write anywhere but where the kernel says no
        if not folder.is_dir():
            pytest.skip("needs /proc or a user other than root")
    else:
        folder = tmp_path / "locked"
        folder.mkdir(mode=0o500)
    with pytest.raises(OutputError, match=f"cannot write in {folder}"):
        check_output(folder / "a.mp4")


def test_special_files_are_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    with pytest.raises(OutputError, match="not a plain file"):
        check_output(tmp_path / "pipe.mp4", overwrite=True)


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target = tmp_path / "real" / "a.mp4"
    target.write_bytes(b"old")
    link = tmp_path / "link.mp4"
    link.symlink_to(target)
    with written_aside(link, overwrite=True) as aside:
        aside.write_bytes(b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"


def test_the_file_has_ordinary_permissions(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    with written_aside(tmp_path / "a.mp4") as aside:
        assert aside.name.startswith(".") and aside.parent == tmp_path
    ordinary = stat.S_IMODE((tmp_path / "other").stat().st_mode)
    assert stat.S_IMODE((tmp_path / "a.mp4").stat().st_mode) == ordinary


def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with pytest.raises(OutputError, match="meanwhile"), written_aside(path) as aside:
        aside.write_bytes(b"ours")
        path.write_bytes(b"theirs")
    assert path.read_bytes() == b"theirs"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform != "linux", reason="locks of Linux")
def test_what_a_killed_process_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\n"
        "from lipsmith.media.output import written_aside\n"
        "with written_aside(__import__('pathlib').Path(sys.argv[1])) as aside:\n"
        "    aside.write_bytes(b'half')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "killed.mp4")], check=False)
    abandoned = [path for path in tmp_path.iterdir() if path.name.startswith(".killed.")]
    assert len(abandoned) == 1
    others = [tmp_path / ".notes.part", tmp_path / ".video.mp4.part", tmp_path / "a.lipsmith.part"]
    for path in others:
        path.write_bytes(b"of somebody else")
    with written_aside(tmp_path / "running.mp4") as running:
        for path in (*abandoned, *others, running):
            os.utime(path, (0, 0))
        with written_aside(tmp_path / "next.mp4"):
            assert running.exists()
            assert not abandoned[0].exists()
    assert sorted(tmp_path.iterdir()) == sorted(
        [*others, tmp_path / "next.mp4", tmp_path / "running.mp4"]
    )
