"""A restorer without a network: it sharpens what restorers are given."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Frame
from lipsmith.finishing.base import FacesIn, FinisherCapabilities, Restorer
from lipsmith.finishing.restoration import restore_faces


class SharpeningRestorer(Restorer):
    """Unsharp masking of the face."""

    capabilities = FinisherCapabilities(("cpu",), "MIT", commercial_use=True)

    def restore(self, frames: Iterator[Frame], faces: FacesIn, strength: float) -> Iterator[Frame]:
        return restore_faces(frames, faces, _sharpened, strength=strength)


def _sharpened(crops: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.stack([np.clip(c * 3 - 2 * cv2.GaussianBlur(c, (0, 0), 4), 0, 255) for c in crops])
