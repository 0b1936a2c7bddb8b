from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

pytest.importorskip("dbos", reason="pip install 'lipsmith[service]'")

from lipsmith.jobs.desk import JobDesk
from lipsmith.jobs.locks import HeldLock
from lipsmith.jobs.work_folders import clear_dead_folders, work_folder
from lipsmith.jobs.workshop import Workshop

_WORKS = """
import sys
import time
from pathlib import Path
from lipsmith.jobs.locks import HeldLock
from lipsmith.jobs.work_folders import work_folder
from lipsmith.jobs.workshop import Place
place = Place(Path(sys.argv[1]))
lock = HeldLock(place, "worker-b")
with work_folder(place, "worker-b") as folder:
    (folder / "half.mp4").write_bytes(bytes(1000))
    print(folder, flush=True)
    time.sleep(60)
"""


def test_what_a_killed_worker_left_is_cleared_and_nothing_else(workshop: Workshop) -> None:
    place = workshop.place
    own = HeldLock(place, "worker-a")
    child = subprocess.Popen(
        [sys.executable, "-c", _WORKS, str(place.home)], stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    with work_folder(place, "worker-a") as mine:
        theirs = Path(child.stdout.readline().strip())
        clear_dead_folders(place)
        assert mine.is_dir() and (theirs / "half.mp4").is_file()
        child.kill()
        child.communicate()
        desk = JobDesk(workshop)
        desk.prune(datetime.now(UTC))
        desk.close()
        assert mine.is_dir() and not theirs.exists()
    assert not mine.exists()
    own.release()
