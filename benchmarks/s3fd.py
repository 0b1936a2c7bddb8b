"""Finding the face of a video with S3FD, against running it on every frame at full size."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from benchmarks.table import Result, report

WIDTH, HEIGHT, FACE_PX = 1280, 720, 220
FRAMES, REFERENCE_FRAMES = 100, 4
LIMIT = 0.1
_FPS = Fraction(25)


def main() -> int:
    if find_spec("torch") is None:
        print("\nS3FD: skipped, torch is not installed")
        return 0
    with tempfile.TemporaryDirectory() as name:
        return _measure(Path(name))


def _measure(folder: Path) -> int:
    import torch

    from lipsmith.core.options import EngineOptions
    from lipsmith.core.resources import Resources
    from lipsmith.faces.boxes import with_boxes
    from lipsmith.faces.s3fd import S3fdDetector
    from lipsmith.faces.s3fd_network import S3fd

    torch.manual_seed(0)
    network = S3fd().eval()
    for name, parameter in network.named_parameters():
        if name.endswith("mbox_conf.bias"):
            parameter.data[-1] = -10  # so that noise holds no faces
    torch.save(network.state_dict(), folder / "s3fd.pth")
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)

    def reference() -> None:
        """What Wav2Lip does: batches of whole frames, in fp32."""
        batch = np.stack([picture] * REFERENCE_FRAMES).astype(np.float32)
        with torch.inference_mode():
            network(torch.from_numpy(batch).permute(0, 3, 1, 2))

    reference()
    each_s = _cpu_s(reference) / REFERENCE_FRAMES

    detector = S3fdDetector(weights=folder / "s3fd.pth")
    detector.load(EngineOptions(resources=Resources(models=folder)))

    def tracked() -> None:
        frames = (_frame(index, picture) for index in range(FRAMES))
        for _ in with_boxes(frames, lambda part: [f.box for f in detector.detect([part])[0]], _FPS):
            pass

    ratio = _cpu_s(tracked) / (FRAMES * each_s)
    detail = f"{each_s * 1000:.0f} ms of processor time a frame in the reference"
    return report(
        f"S3FD on a video of {WIDTH}x{HEIGHT}, {FRAMES} frames, a face of {FACE_PX} px",
        [Result("tracked / every frame", ratio, LIMIT, "x", detail)],
    )


def _cpu_s(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _frame(index: int, picture: np.ndarray) -> object:
    """The picture with a face in it that moves and comes nearer."""
    from lipsmith.core.footage import FootageFrame
    from lipsmith.core.portrait import Box, Face

    side = FACE_PX + index / 5
    left, top = 400 + 2.0 * index, 200 + 0.7 * index
    box = Box(left, top, left + side, top + 1.2 * side)
    return FootageFrame(index, picture, Face(box, np.zeros((478, 3)), 0.0, 0.0, 0.0, 1.0))


if __name__ == "__main__":
    sys.exit(main())
