"""How long a whole render takes, against encoding the very same frames alone.

Both are measured in turn, in one run, and the best of each counts, so that a busy machine
disturbs both alike.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.subject import TEN_SECONDS, face_picture
from benchmarks.table import Result, report
from lipsmith.core.image import Frame, Nv12Image
from lipsmith.core.request import RenderRequest
from lipsmith.media.video import VideoWriter
from lipsmith.pipeline.files import render_files
from lipsmith.pipeline.rendering import Rendering

RATIO_LIMITS = {512: 3.0, 1024: 2.0}
REALTIME_SIDE_PX = 1440
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds: on the clock, and of processors in this process and its children."""

    wall_s: float
    cpu_s: float


def measure(work: Callable[[], object]) -> Cost:
    wall_s, cpu_s = time.perf_counter(), _cpu_s()
    work()
    return Cost(time.perf_counter() - wall_s, _cpu_s() - cpu_s)


def measure_side(side_px: int, folder: Path) -> tuple[Cost, Cost, float]:
    """The cost of a render, of encoding its frames alone, and the seconds that the clip lasts."""
    request = request_for(face_picture(side_px, folder))
    with Rendering(request, rgb=False) as rendering:
        frames = [copied(frame) for frame in rendering]
        duration_s = rendering.report().duration_s
        size, fps = rendering.size, rendering.fps
        rate_hz, channels = rendering.rate_hz, rendering.channels

    def encode() -> None:
        path = folder / "encoded.mp4"
        with VideoWriter(
            path, size, fps, rate_hz=rate_hz, channels=channels, overwrite=True
        ) as writer:
            for frame in frames:
                writer.write(frame)

    def render() -> None:
        render_files(request, folder / "rendered.mp4", overwrite=True)

    encodings, renders = [], []
    for _ in range(ROUNDS):
        encodings.append(measure(encode))
        renders.append(measure(render))
    return best(renders), best(encodings), duration_s


def request_for(picture: Path) -> RenderRequest:
    return RenderRequest(picture, text=TEN_SECONDS, language="en-us", seed=1)


def copied(frame: Frame) -> Frame:
    """A frame that stays as it is when the engine reuses its memory."""
    image = frame.image
    if isinstance(image, Nv12Image):
        return replace(frame, image=Nv12Image(image.luma.copy(), image.chroma.copy()))
    return replace(frame, image=image.copy())


def best(costs: list[Cost]) -> Cost:
    return Cost(min(cost.wall_s for cost in costs), min(cost.cpu_s for cost in costs))


def _cpu_s() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def main() -> int:
    results = []
    with tempfile.TemporaryDirectory() as name:
        for side_px in (*RATIO_LIMITS, REALTIME_SIDE_PX):
            render, encode, duration_s = measure_side(side_px, Path(name))
            ratio = render.wall_s / encode.wall_s
            detail = (
                f"render {render.wall_s:.2f} s, encode {encode.wall_s:.2f} s; of processors "
                f"{render.cpu_s:.2f} s and {encode.cpu_s:.2f} s ({render.cpu_s / encode.cpu_s:.2f})"
            )
            what = f"{side_px}x{side_px}, {duration_s:.1f} s of video: "
            if side_px in RATIO_LIMITS:
                what += "render / encoding alone"
                results.append(Result(what, ratio, RATIO_LIMITS[side_px], "x", detail))
            else:
                what += "render / its length"
                results.append(Result(what, render.wall_s / duration_s, 1.0, "x", detail))
    return report("Whole render against encoding the same frames alone", results)


if __name__ == "__main__":
    sys.exit(main())
