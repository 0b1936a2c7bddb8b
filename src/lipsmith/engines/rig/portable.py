"""A prepared rig as one file, from which another program draws the same frames.

Lengths are px of the rig's picture, and x, y of a pixel are those of its middle, unless the name
says otherwise. Pictures may be smaller than what they show: they are stretched over it.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig.controls import Control
from lipsmith.engines.rig.eye_layers import EyeLayers
from lipsmith.engines.rig.head import Motion
from lipsmith.engines.rig.interior import Interior
from lipsmith.engines.rig.layers import FaceGrid, Rect
from lipsmith.engines.rig.prepare import Rig
from lipsmith.engines.rig.rig_file import FORMAT, VERSION, RigFile
from lipsmith.engines.rig.sprites import Sprite
from lipsmith.media.colour import nv12_to_rgb

_PICTURE_QUALITY, _DETAIL_QUALITY = 92, 95  # of WebP
_GUTTER = 2
_LID_COLUMNS = 5


def pack(rig: Rig, side_px: int = 1024) -> bytes:
    """The rig file. side_px: pictures in it have no longer side."""
    file = RigFile()
    picture = nv12_to_rgb(rig.source.picture)
    height, width = picture.shape[:2]
    scale = min(1.0, side_px / max(width, height))
    header = {
        "format": FORMAT,
        "version": VERSION,
        "width": width,
        "height": height,
        "picture": file.photo(_reduced(picture, scale), _PICTURE_QUALITY),
        "px_per_mm": rig.head.px_per_mm,
        "origin": rig.head.origin[:2].tolist(),
        "smile": rig.smile,
        "lips": {
            "is_open": rig.lips.is_open,
            "upper": file.floats(rig.lips.upper),
            "lower": file.floats(rig.lips.lower),
            "moved": file.floats(rig.mouth.edges),
        },
        "head": {
            "motions": _names(Motion),
            **_field(rig.motion.rect, rig.motion.grid),
            "columns": file.scaled(rig.motion.columns),
            "at_mouth": rig.motion.at_mouth.tolist(),
            "roll_share": rig.motion.roll_share,
        },
        "face": {
            "controls": _names(Control),
            **_field(rig.face.rect, rig.face.grid),
            "columns": file.scaled(rig.face.columns),
        },
        "mouth": {
            **_field(rig.mouth.rect, rig.mouth.grid),
            "upper": file.scaled(rig.mouth.upper),
            "lower": file.scaled(rig.mouth.lower),
        },
        "shading": {
            "grid": asdict(rig.shading.grid),
            "basis": file.scaled(rig.shading.basis, "int8", stride=1),
        },
        "interior": _interior(file, rig.interior, rig.mouth.rect),
        "eyes": [_eye(file, eye, scale) for eye in rig.eyes.layers()],
    }
    return file.finish(header)


def _names(columns: type[Control] | type[Motion]) -> list[str]:
    return [column.name.lower() for column in columns]


def _field(rect: Rect, grid: FaceGrid) -> dict[str, Any]:
    return {"rect": asdict(rect), "grid": asdict(grid)}


def _interior(file: RigFile, interior: Interior, rect: Rect) -> dict[str, Any]:
    plane = interior.plane.copy()
    plane[:, 2] += rect.left, rect.top
    names = ("cavity", "body", "lower", "tip", "upper")
    sprites: list[Sprite] = [getattr(interior, name) for name in names]
    atlas, tops = _stacked([sprite.image for sprite in sprites])
    return {
        "plane": plane.tolist(),
        "line_y_mm": interior.line_y_mm,
        "upper_edge_mm": interior.upper_edge_mm,
        "edge": interior.edge_px,
        "relief": interior.relief,
        "shade_tint": [float(tint) for tint in interior.shade_tint],
        "atlas": file.photo(atlas, _DETAIL_QUALITY),
        "sprites": {
            name: {
                "left_px": _GUTTER,
                "top_px": top,
                "width_px": int(sprite.image.shape[1]),
                "height_px": int(sprite.image.shape[0]),
                "left_mm": sprite.canvas.left_mm,
                "top_mm": sprite.canvas.top_mm,
                "px_per_mm": sprite.canvas.density,
            }
            for name, sprite, top in zip(names, sprites, tops, strict=True)
        },
    }


def _stacked(images: list[NDArray[np.uint8]]) -> tuple[NDArray[np.uint8], list[int]]:
    """One picture with all of them one under the other, empty between them, and their tops."""
    around = _GUTTER
    width = max(image.shape[1] for image in images) + 2 * around
    tops = list(np.cumsum([around] + [image.shape[0] + 2 * around for image in images]))
    atlas = np.zeros((int(tops[-1]) - around, width, 4), np.uint8)
    for image, top in zip(images, tops, strict=False):
        rows, columns = image.shape[:2]
        atlas[top : top + rows, around : around + columns] = image
    return atlas, [int(top) for top in tops[:-1]]


def _eye(file: RigFile, eye: EyeLayers, scale: float) -> dict[str, Any]:
    ball, iris = eye.ball, eye.ball.iris
    colour = np.concatenate([0.5 * ball.colour, 128 + 0.5 * ball.highlights], 1)
    masks = np.stack([ball.shade, ball.opening, eye.changes], -1)
    shares = np.stack([eye.follow, eye.rise, np.zeros_like(eye.rise)], -1)
    lids = [
        _in_rows([_reduced(state, scale) for state in states]) for states in (eye.through, eye.over)
    ]
    return {
        "side": eye.side,
        "rect": asdict(eye.rect),
        "along": eye.along.tolist(),
        "down": eye.down.tolist(),
        "uv": eye.uv.tolist(),
        "uv_per_mm": eye.uv_per_mm.tolist(),
        "opening": eye.opening_px,
        "px_per_mm": eye.px_per_mm,
        "iris": asdict(iris),
        "ends": ball.ends.tolist(),
        "limits": ball.limits.tolist(),
        "highlight_share": ball.highlight_share,
        "colour": file.photo(_reduced(_bytes(colour), scale), _DETAIL_QUALITY),
        "maps": file.maps(_reduced(_bytes(255 * np.concatenate([masks, shares], 1)), scale)),
        "behind": None
        if eye.behind is None
        else file.photo(_reduced(eye.behind, scale), _PICTURE_QUALITY),
        "closures": eye.closures.tolist(),
        "lids": file.photo(np.concatenate(lids, 1), _PICTURE_QUALITY),
        "lid_columns": _LID_COLUMNS,
    }


def _in_rows(states: list[RgbImage]) -> RgbImage:
    """States of closing (h, w, 3) from left to right, then from top to bottom."""
    rows = [
        np.concatenate(states[first : first + _LID_COLUMNS], 1)
        for first in range(0, len(states), _LID_COLUMNS)
    ]
    return np.concatenate(rows)


def _reduced(image: RgbImage, scale: float) -> RgbImage:
    if scale == 1.0:
        return image
    height, width = image.shape[:2]
    size = max(1, round(scale * width)), max(1, round(scale * height))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _bytes(values: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    return np.asarray(np.clip(values + 0.5, 0, 255), np.uint8)
