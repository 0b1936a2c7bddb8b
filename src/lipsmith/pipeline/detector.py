"""The detector that draws the boxes, where another one than the built-in is asked for."""

from __future__ import annotations

from contextlib import ExitStack

from lipsmith.core.image import RgbImage
from lipsmith.core.options import EngineOptions
from lipsmith.core.portrait import Box
from lipsmith.errors import OptionError
from lipsmith.faces.boxes import Detect

_BUILTIN, _S3FD = "builtin", "s3fd"


def open_detector(options: EngineOptions, stack: ExitStack) -> Detect | None:
    """Load it; None for the built-in one. stack: gets what frees it.

    Raises:
        OptionError: there is none of that name.
        MissingExtraError, WeightsError: it cannot be loaded.
    """
    name = options.crop.detector
    if name == _BUILTIN or options.crop.box is not None:
        return None
    if name != _S3FD:
        raise OptionError(f"there is no detector {name!r}; there are {_BUILTIN} and {_S3FD}")
    from lipsmith.faces.s3fd import S3fdDetector

    detector = S3fdDetector()
    stack.callback(detector.close)
    detector.load(options)

    def detect(pixels: RgbImage) -> list[Box]:
        return [seen.box for seen in detector.detect([pixels])[0]]

    return detect
