"""`lipsmith export`: a portrait as a model for games and 3D programs."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import Annotated

import typer

from lipsmith.cli.options import FILES, Debug, Json, Overwrite, PictureArgument, Quiet


def export(
    picture: PictureArgument,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="The .glb to write; else it goes beside PICTURE, with its name.",
            rich_help_panel=FILES,
        ),
    ] = None,
    face: Annotated[
        int, typer.Option("--face", min=0, help="Which face, the largest is 0.", metavar="N")
    ] = 0,
    side: Annotated[
        int,
        typer.Option("--side", help="Longest side of the picture in it, in px.", metavar="PX"),
    ] = 1024,
    overwrite: Overwrite = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Write a 3D model of PICTURE that talks: glTF with ARKit's 52 blendshapes and 15 visemes."""
    from lipsmith import api

    target = picture.with_suffix(".glb") if out is None else out
    report = api.export_gltf(picture, target, face=face, side=side, overwrite=overwrite)
    if json:
        values = {
            "output": str(report.output),
            "size_bytes": report.size_bytes,
            "warnings": list(report.warnings),
        }
        print(json_module.dumps(values, indent=2, ensure_ascii=False))
    elif not quiet:
        for warning in report.warnings:
            print(f"warning: {warning}", file=sys.stderr)
        print(f"{report.output}: {report.size_bytes / 1e6:.1f} MB")
