"""Peak memory of dubbing a long video against a short one, and what following the face costs."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.table import Result, report

SIDE_PX, FPS = 512, 25
PEAK_LIMIT_MB = 700.0
GROWTH_LIMIT = 1.1
TRACKING_LIMIT_MS = 15.0
SHORT_S = 10.0
# Each in a process of its own; on Linux a child starts with its parent's peak, so that nothing
# large may be imported here.
_RENDER = """
import json, resource, sys, lipsmith
report = lipsmith.render(
    sys.argv[1], text="Would you believe it?", out=sys.argv[2], language="en-us", length="video",
)
peak_kb = max(
    resource.getrusage(who).ru_maxrss
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
)
print(json.dumps([peak_kb, report.duration_s, report.elapsed_s]))
"""
_WRITE = """
import sys
from benchmarks.dubbing import write_film
write_film(sys.argv[1], float(sys.argv[2]))
"""
_TRACK = """
import sys
from benchmarks.dubbing import tracking_ms
print(tracking_ms(sys.argv[1]))
"""


def write_film(path: str, seconds: float) -> None:
    """A face that sways, encoded once and then repeated."""
    from fractions import Fraction

    import av
    import cv2
    import numpy as np

    from benchmarks.subject import face_picture

    with tempfile.TemporaryDirectory() as name:
        face = cv2.imread(str(face_picture(SIDE_PX, Path(name))))[..., ::-1]
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "veryfast"})
        stream.width = stream.height = SIDE_PX
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = 4 * FPS
        for index in range(round(seconds * FPS)):
            angle = 2 * np.pi * index / (4 * FPS)
            matrix = cv2.getRotationMatrix2D((SIDE_PX / 2, SIDE_PX), 3 * np.sin(angle), 0.8)
            matrix[0, 2] += 20 * np.sin(2 * angle)
            size = (SIDE_PX, SIDE_PX)
            pixels = cv2.warpAffine(face, matrix, size, borderMode=cv2.BORDER_REFLECT)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def tracking_ms(path: str) -> float:
    """Processor time for a frame: finding cuts, following the face, smoothing, covers."""
    import time
    from fractions import Fraction

    from lipsmith.faces.cast import Cast
    from lipsmith.faces.footage import track_faces
    from lipsmith.media.footage import VideoReader, open_video

    frames = list(VideoReader(open_video(path), Fraction(FPS)).forwards())
    cast = Cast()
    cast.watch(frames[0], 0)
    started_s = time.process_time()
    found = sum(
        frame.face is not None
        for (frame,) in track_faces(frames, cast.people, cast.people, Fraction(FPS))
    )
    assert found == len(frames)
    return 1000 * (time.process_time() - started_s) / len(frames)


def _child(program: str, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def peak(folder: Path, seconds: float) -> tuple[float, float, float]:
    """Peak MB, seconds of video and seconds of work for a video of about `seconds`."""
    film = folder / f"{seconds:g}-source.mp4"
    _child(_WRITE, str(film), str(seconds))
    done = _child(_RENDER, str(film), str(folder / f"{seconds:g}.mp4"))
    peak_kb, duration_s, elapsed_s = json.loads(done)
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return peak_kb / unit, duration_s, elapsed_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of the long video")
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as name:
        short_mb, short_s, _ = peak(Path(name), SHORT_S)
        long_mb, long_s, elapsed_s = peak(Path(name), minutes * 60)
        tracking = float(_child(_TRACK, str(Path(name) / f"{SHORT_S:g}-source.mp4")))
    lengths = f"{long_s:.0f} s of video (made in {elapsed_s:.0f} s) and {short_s:.0f} s"
    return report(
        f"Dubbing at {SIDE_PX}x{SIDE_PX}: {lengths}",
        [
            Result("long video", long_mb, PEAK_LIMIT_MB, "MB"),
            Result("short video", short_mb, PEAK_LIMIT_MB, "MB"),
            Result("long / short", long_mb / short_mb, GROWTH_LIMIT, "x"),
            Result("following the face", tracking, TRACKING_LIMIT_MS, "ms a frame"),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
