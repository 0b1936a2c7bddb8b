"""A still picture whose mouth moves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import Frame, Nv12Image, RgbImage
from lipsmith.core.portrait import Portrait
from lipsmith.engines.wav2lip.crop import CropBox
from lipsmith.engines.wav2lip.hearing import HeardFrame
from lipsmith.engines.wav2lip.models import Drawer
from lipsmith.engines.wav2lip.paste import find_place, put_back
from lipsmith.engines.wav2lip.rest import mixed, resting_picture
from lipsmith.media.colour import rgb_to_nv12


class Still:
    """A portrait with what does not change from frame to frame."""

    def __init__(self, portrait: Portrait, box: CropBox) -> None:
        self.place = find_place(portrait.pixels, box, portrait.face.landmarks)
        rows = self.place.rows
        left, top = rows.left // 2 * 2, rows.top // 2 * 2
        # Even edges: chroma has one sample for 2x2 px.
        self._rect = CropBox(left, top, (rows.right + 1) // 2 * 2, (rows.bottom + 1) // 2 * 2)
        self._around = self._rect.of(portrait.pixels)
        self._picture = rgb_to_nv12(portrait.pixels)
        picture = resting_picture(portrait)
        self._resting = None if picture is None else self._under_mask(rows.of(picture))

    def draw(self, heard: Sequence[HeardFrame], drawer: Drawer) -> list[NDArray[np.float32] | None]:
        """The mouths of some frames; None where the mouth rests and nothing needs to be drawn."""
        drawn: list[NDArray[np.float32] | None] = [None] * len(heard)
        needed = [i for i, each in enumerate(heard) if each.rest < 1 or self._resting is None]
        if needed:
            for index, mouth in zip(
                needed, drawer([heard[i].silenced_mel for i in needed]), strict=True
            ):
                drawn[index] = mouth
        return drawn

    def frame(self, heard: HeardFrame, drawn: NDArray[np.float32] | None) -> Frame:
        """The whole picture of one frame with its sound."""
        if drawn is None:
            assert self._resting is not None
            mouth = self._resting
        else:
            mouth = put_back(self.place, drawn)
            if self._resting is not None:
                mouth = mixed(mouth, self._resting, heard.rest)
        return Frame(heard.frame.index, self._whole(mouth), heard.frame.samples)

    def _whole(self, mouth: RgbImage) -> Nv12Image:
        rect, rows = self._rect, self.place.rows
        pixels = self._around.copy()
        left, top = rows.left - rect.left, rows.top - rect.top
        pixels[top : top + rows.height, left : left + rows.width] = mouth
        part = rgb_to_nv12(pixels)
        image = Nv12Image(self._picture.luma.copy(), self._picture.chroma.copy())
        rect.of(image.luma)[:] = part.luma
        half = CropBox(rect.left // 2, rect.top // 2, rect.right // 2, rect.bottom // 2)
        half.of(image.chroma)[:] = part.chroma
        return image

    def _under_mask(self, rows: RgbImage) -> RgbImage:
        mask = self.place.mask[:, :, None]
        crop = self.place.crop * 255
        return np.rint(crop + (rows - crop) * mask).astype(np.uint8)
