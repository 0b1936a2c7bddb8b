"""Light on the reference's mouth like that of the frame around it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.lid_skin import pull_push

Colours = NDArray[np.float32]
"""(h, w, 3) RGB, 0..255."""

_DARK = 6.0
_LEAST, _MOST = 0.25, 4.0


def light_gain(
    frame: NDArray[np.uint8], mouth: NDArray[np.uint8], ring: NDArray[np.float32], cell: int
) -> Colours:
    """(h, w, 3): what to multiply `mouth` by to give it the light of `frame`.

    frame, mouth: (h, w, 3) uint8. ring: (h, w) 0..1 where they show the same skin; the gain found
    there is carried on smoothly. cell: px over which the light is even.
    """
    height, width = ring.shape
    size = (max(2, round(width / cell)), max(2, round(height / cell)))
    share = cv2.resize(ring, size, interpolation=cv2.INTER_AREA)
    own, other = (
        cv2.resize(image.astype(np.float32) * ring[..., None], size, interpolation=cv2.INTER_AREA)
        for image in (frame, mouth)
    )
    dark = _DARK * share[..., None]
    ratio = np.clip((own + dark) / np.maximum(other + dark, 1e-3), _LEAST, _MOST)
    filled = pull_push(np.asarray(np.log(ratio), np.float32), np.asarray(share, np.float32) + 1e-3)
    smooth = cv2.GaussianBlur(np.exp(filled), (0, 0), 1.0)
    return np.asarray(
        cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )
