"""`lipsmith inspect`: which faces a picture holds."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipsmith.cli.options import FILES, Debug, Json, Overwrite, PictureArgument
from lipsmith.errors import OutputError

if TYPE_CHECKING:
    from lipsmith.core.image import Picture, RgbImage
    from lipsmith.core.portrait import Face

_SUFFIXES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def inspect(
    picture: PictureArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Write the picture with what was found drawn over it.",
            rich_help_panel=FILES,
        ),
    ] = None,
    overwrite: Overwrite = False,
    json: Json = False,
    debug: Debug = False,
) -> None:
    """Tell which faces PICTURE holds, how they are turned, and what may look wrong."""
    if out is not None:
        _check_annotated(out, overwrite)

    from lipsmith.faces import annotate, find_faces
    from lipsmith.media.pictures import read_picture

    source = read_picture(picture)
    faces = find_faces(source)
    if out is not None:
        _write_picture(annotate(source, faces), out, overwrite)
    if json:
        print(json_module.dumps(_values(source, faces), indent=2, ensure_ascii=False))
    else:
        _print_found(source, faces)


def _print_found(picture: Picture, faces: list[Face]) -> None:
    print(f"{picture.name}: {picture.width}x{picture.height}")
    for warning in picture.warnings:
        print(f"  warning: {warning}")
    if not faces:
        print("  no face that can be animated")
    for number, face in enumerate(faces):
        box = face.box
        print(
            f"  face {number}: {box.width:.0f}x{box.height:.0f} px at "
            f"({box.left:.0f}, {box.top:.0f}), turned {face.yaw_deg:+.0f} degrees, "
            f"nods {face.pitch_deg:+.0f}, tilts {face.roll_deg:+.0f}; score {face.score:.2f}"
        )
        for warning in face.warnings:
            print(f"    warning: {warning}")


def _values(picture: Picture, faces: list[Face]) -> dict[str, Any]:
    return {
        "picture": picture.name,
        "width": picture.width,
        "height": picture.height,
        "warnings": list(picture.warnings),
        "faces": [
            {
                "box": [round(v, 1) for v in _corners(face)],
                "yaw_deg": round(face.yaw_deg, 1),
                "pitch_deg": round(face.pitch_deg, 1),
                "roll_deg": round(face.roll_deg, 1),
                "score": round(face.score, 3),
                "warnings": list(face.warnings),
            }
            for face in faces
        ],
    }


def _corners(face: Face) -> tuple[float, float, float, float]:
    return face.box.left, face.box.top, face.box.right, face.box.bottom


def _check_annotated(out: Path, overwrite: bool) -> None:
    from lipsmith.media.output import check_writable

    if out.suffix.lower() not in _SUFFIXES:
        raise OutputError(f"{out}: the annotated picture can be {', '.join(_SUFFIXES)}")
    check_writable(out, overwrite=overwrite)


def _write_picture(pixels: RgbImage, out: Path, overwrite: bool) -> None:
    from PIL import Image

    from lipsmith.media.output import failure, written_aside

    with written_aside(out, overwrite=overwrite) as aside:
        try:
            Image.fromarray(pixels).save(aside, format=_SUFFIXES[out.suffix.lower()])
        except OSError as problem:
            raise failure(out, problem) from problem
