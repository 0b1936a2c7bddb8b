"""Wav2Lip: a neural network draws the mouth of a still picture or of a video."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from lipsmith.core.footage import Footage
from lipsmith.core.image import Frame
from lipsmith.core.motion import MouthTrack
from lipsmith.core.options import CropOptions, EngineOptions
from lipsmith.core.portrait import Portrait
from lipsmith.engines.base import Capabilities, Engine
from lipsmith.engines.rig.dubbing.stream import Painter
from lipsmith.engines.wav2lip.crop import crop_box
from lipsmith.engines.wav2lip.dubbing import draw_shots, finish_shot, shots
from lipsmith.engines.wav2lip.hearing import LOOKAHEAD_MS, listen
from lipsmith.engines.wav2lip.models import MouthModel
from lipsmith.engines.wav2lip.overlap import overlapped
from lipsmith.engines.wav2lip.still import Still
from lipsmith.errors import FaceError

_PICTURES_BYTES = 400_000_000
"""Of the frames of all batches under way: read, drawn, put back."""
_BATCHES, _COPIES = 2, 2


class Wav2LipEngine(Engine):
    """Draws mouths with Wav2Lip, trained for accuracy.

    Only the mouth, the chin and the cheeks change: a still picture keeps its head and its eyes
    still, whatever the track says of them.

    weights: their name in the catalogue. width: share of the official number of channels; networks
    that were trained narrower are subclasses.
    """

    weights: ClassVar[str] = "wav2lip"
    width: ClassVar[float] = 1.0
    capabilities: ClassVar[Capabilities] = Capabilities(
        sources=frozenset({"still", "video"}),
        head_motion=False,
        max_side_px=None,
        streaming=True,
        lookahead_ms=LOOKAHEAD_MS,
        devices=("cpu", "cuda", "mps"),
        licence="none stated; the authors allow no commercial use (trained on LRS2)",
        commercial_use=False,
    )

    def __init__(self) -> None:
        self._model: MouthModel | None = None
        self._crop = CropOptions()

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._model.warnings if self._model else ()

    def load(self, options: EngineOptions) -> None:
        self.close()
        self._crop = options.crop
        self._model = MouthModel(self.weights, options, self.width)

    def close(self) -> None:
        if self._model is not None:
            self._model.close()
            self._model = None

    def animate(self, portrait: Portrait, track: MouthTrack) -> Iterator[Frame]:
        box = crop_box(portrait.face, self._crop, portrait.width, portrait.height)
        if box is None:
            raise FaceError(f"{portrait.name}: the face is too small for this engine")
        model, still = self._loaded, Still(portrait, box)
        draw = partial(still.draw, drawer=model.for_still(still.place.shown))
        return overlapped(
            listen(track), draw, still.frame, batch_size=model.batch_size, ahead=model.ahead
        )

    def dub(self, footage: Footage, track: MouthTrack) -> Iterator[Frame]:
        model, painter = self._loaded, Painter()
        picture_bytes = footage.width * footage.height * 3
        most = _PICTURES_BYTES // ((_BATCHES + model.ahead) * _COPIES * picture_bytes)
        return overlapped(
            shots(footage, track, self._crop, painter),
            partial(draw_shots, drawer=model.for_video()),
            partial(finish_shot, painter=painter),
            batch_size=max(1, min(model.batch_size, most)),
            ahead=model.ahead,
        )

    @property
    def _loaded(self) -> MouthModel:
        if self._model is None:
            self.load(EngineOptions())
        assert self._model is not None
        return self._model


class Wav2LipGanEngine(Wav2LipEngine):
    """The same network, trained against a discriminator: a sharper mouth, a little less exact."""

    weights: ClassVar[str] = "wav2lip-gan"
