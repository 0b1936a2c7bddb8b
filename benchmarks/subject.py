"""What the benchmarks render: the packaged portrait, cropped so that the face fills the frame."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

import lipsmith

_FACE_BOX_PX = (115, 10, 345, 240)
TEN_SECONDS = (
    "Hello, and thank you for coming. Would you believe that a single photograph can talk? "
    "Five brave people moved the big blue sofa, while the fox was watching from the roof. "
    "Now it is your turn."
)


def face_picture(side_px: int, folder: Path) -> Path:
    """Write the face as a PNG of `side_px` x `side_px`."""
    path = folder / f"face-{side_px}.png"
    with Image.open(Path(lipsmith.__file__).parent / "assets" / "portrait.png") as whole:
        face = whole.convert("RGB").crop(_FACE_BOX_PX)
        face.resize((side_px, side_px), Image.Resampling.LANCZOS).save(path, compress_level=1)
    return path
