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

_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")


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
        _write_picture(annotate(source, faces), out)
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
    if out.suffix.lower() not in _SUFFIXES:
        raise OutputError(f"{out}: the annotated picture can be {', '.join(_SUFFIXES)}")
    if not out.parent.is_dir():
        raise OutputError(f"{out}: there is no folder {out.parent}")
    if out.exists() and not overwrite:
        raise OutputError(f"{out} exists already; --overwrite replaces it")


def _write_picture(pixels: RgbImage, out: Path) -> None:
    from PIL import Image

    aside = out.with_name(f".{out.stem}.part{out.suffix}")
    try:
        Image.fromarray(pixels).save(aside)
        aside.replace(out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror or error}") from error
    finally:
        aside.unlink(missing_ok=True)
