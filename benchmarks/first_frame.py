"""How soon the first frame is there, and how long a portrait takes to prepare."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

from benchmarks.subject import TEN_SECONDS, face_picture
from benchmarks.table import Result, report

SIDE_PX = 1024
FIRST_FRAME_LIMIT_S = 1.5
PREPARE_LIMIT_S = 1.0
ROUNDS = 5
_FIRST_FRAME = """
import sys, lipsmith
with lipsmith.stream(sys.argv[1], text=sys.argv[2], language="en-us") as frames:
    next(frames)
    print("first", flush=True)
"""


def first_frame_s(picture: Path) -> float:
    """Seconds from the start of a Python process to its first frame."""
    started_s = time.perf_counter()
    command = [sys.executable, "-c", _FIRST_FRAME, str(picture), TEN_SECONDS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "first":
            raise SystemExit("the child process gave no frame")
        return time.perf_counter() - started_s


def prepare_s(path: Path) -> tuple[float, float, float]:
    """Seconds to read a picture, to find the face in it, and to prepare the engine for it."""
    from lipsmith.core.motion import MouthTrack
    from lipsmith.core.options import EngineOptions
    from lipsmith.core.request import Fit, Size
    from lipsmith.faces.portrait import make_portrait
    from lipsmith.media.pictures import read_picture
    from lipsmith.registry import EngineKind, find_engine, load_engine

    times = [time.perf_counter()]
    picture = read_picture(path)
    times.append(time.perf_counter())
    size = Size(picture.width, picture.height)
    portrait = make_portrait(picture, face=None, size=size, fit=Fit.CROP)
    times.append(time.perf_counter())
    engine = load_engine(find_engine(EngineKind.LIPSYNC, "rig"))
    engine.load(EngineOptions())
    engine.animate(portrait, MouthTrack(Fraction(25), 16000, 1, iter(())))
    times.append(time.perf_counter())
    engine.close()
    return times[1] - times[0], times[2] - times[1], times[3] - times[2]


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        picture = face_picture(SIDE_PX, Path(name))
        first_frame_s(picture)  # warms the caches of the disk
        first_s = min(first_frame_s(picture) for _ in range(ROUNDS))
        prepare_s(face_picture(512, Path(name)))  # imports and models are loaded once a process
        read_s, face_s, engine_s = min((prepare_s(picture) for _ in range(ROUNDS)), key=sum)
    detail = f"read {read_s:.2f} s, face {face_s:.2f} s, engine {engine_s:.2f} s"
    total_s = read_s + face_s + engine_s
    return report(
        f"Start at {SIDE_PX}x{SIDE_PX}",
        [
            Result("process start to first frame", first_s, FIRST_FRAME_LIMIT_S, "s"),
            Result("preparing a portrait", total_s, PREPARE_LIMIT_S, "s", detail),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
