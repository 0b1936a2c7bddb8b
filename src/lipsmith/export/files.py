"""A picture's model as a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lipsmith.core.image import Picture
from lipsmith.errors import OptionError, OutputError
from lipsmith.export.model import to_glb
from lipsmith.faces.portrait import make_portrait
from lipsmith.media.output import check_writable, failure, written_aside

SUFFIX = ".glb"
DEFAULT_SIDE_PX = 1024
MIN_SIDE_PX, MAX_SIDE_PX = 64, 4096


@dataclass(frozen=True, slots=True)
class ModelReport:
    """A model that was written.

    output: the file. size_bytes: of it. warnings: what may look wrong, for people to read.
    """

    output: Path
    size_bytes: int
    warnings: tuple[str, ...]


def check_model(out: Path, side: int, *, overwrite: bool) -> None:
    """Make sure that a model can be written, before any work is done.

    Raises:
        OutputError: exists already, its folder is missing or unwritable, or another suffix.
        OptionError: `side` is out of range.
    """
    if out.suffix.lower() != SUFFIX:
        raise OutputError(
            f"{out}: a model is binary glTF; end the name with {SUFFIX}, "
            f"as {out.with_suffix(SUFFIX)}"
        )
    if not MIN_SIDE_PX <= side <= MAX_SIDE_PX:
        raise OptionError(f"side must be {MIN_SIDE_PX} to {MAX_SIDE_PX} px, not {side}")
    check_writable(out, overwrite=overwrite)


def write_model(
    picture: Picture, out: Path, *, face: int, side: int, overwrite: bool
) -> ModelReport:
    """Write the model of one of a picture's faces; it appears whole or not at all.

    face: 0-based, the largest first. side: longest side of its picture, px.

    Raises:
        OutputError, OptionError: see `check_model`.
        FaceError: there is no such face, or it cannot be animated.
        RenderError: the file cannot be written.
    """
    check_model(out, side, overwrite=overwrite)
    portrait = make_portrait(picture, face=face)
    model = to_glb(portrait, side=side)
    with written_aside(out, overwrite=overwrite) as aside:
        try:
            aside.write_bytes(model)
        except OSError as problem:
            raise failure(out, problem) from problem
    return ModelReport(out, len(model), portrait.warnings)
