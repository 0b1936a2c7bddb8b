"""Faces cut out upright in the frame that restorers know, and put back without a seam."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.portrait import Face

SIDE_PX = 512

_TEMPLATE = np.array(
    [
        [192.98138, 239.94708],
        [318.90277, 240.1936],
        [256.63416, 314.01935],
        [201.26117, 371.41043],
        [313.08905, 371.15118],
    ]
)
"""Where the eyes (the viewer's left one first), the tip of the nose and the corners of the mouth
are in a 512 px face of FFHQ, as facexlib has it."""

_EYES = ((33, 133), (362, 263))
"""Corners: unlike the irises, they stay where they are when the gaze moves."""
_NOSE_TIP, _MOUTH_CORNERS = 4, (61, 291)
_MESH = 468
"""Landmarks before those of the irises."""

_GROW_PX, _FEATHER_PX = 14, 12
"""Of the mask around the landmarks: by how much it is larger, and how soft its edge."""
_BORDER_PX = 32
_LIGHT_PX = 72
"""Sigma of what counts as light and colour, and stays that of the frame."""
_LIGHT_SHRINK = 8


@dataclass(frozen=True, slots=True)
class CropPose:
    """A square of a frame that holds a face upright.

    x, y: its centre in px, pixel centres are whole numbers. side: log of its side in px.
    roll_rad: how far its content is turned clockwise in the frame.
    """

    x: float
    y: float
    side: float
    roll_rad: float

    def matrix(self) -> NDArray[np.float64]:
        """(2, 3) map from px of the frame to px of the crop."""
        scale = SIDE_PX / np.exp(self.side)
        cos, sin = np.cos(self.roll_rad) * scale, np.sin(self.roll_rad) * scale
        linear = np.array([[cos, sin], [-sin, cos]])
        shift = (SIDE_PX - 1) / 2 - linear @ (self.x, self.y)
        return np.concatenate([linear, shift[:, None]], 1)


def crop_pose(face: Face) -> CropPose:
    """The square in which the face comes closest to the template, in the least squares.

    Umeyama 1991 (IEEE TPAMI 13-4), eq. 34 to 43, in the complex plane.
    """
    points = face.landmarks[:, :2]
    five = np.array(
        [
            *(points[list(eye)].mean(0) for eye in _EYES),
            points[_NOSE_TIP],
            *points[[*_MOUTH_CORNERS]],
        ]
    )
    here, there = (p[:, 0] + 1j * p[:, 1] for p in (five, _TEMPLATE))
    centred = there - there.mean()
    turn = np.vdot(centred, here - here.mean()) / np.vdot(centred, centred).real
    middle = here.mean() + turn * ((SIDE_PX - 1) / 2 * (1 + 1j) - there.mean())
    return CropPose(
        float(middle.real),
        float(middle.imag),
        float(np.log(SIDE_PX * abs(turn))),
        float(np.angle(turn)),
    )


def cut(pixels: RgbImage, pose: CropPose) -> NDArray[np.float32]:
    """(512, 512, 3) float32 0..255: the crop, without aliasing where it shrinks."""
    matrix = pose.matrix()
    left, top, right, bottom = _window(pose, pixels.shape[1], pixels.shape[0])
    part = pixels[top:bottom, left:right].astype(np.float32)
    part = _softened(part, float(np.exp(pose.side)) / SIDE_PX)
    matrix[:, 2] += matrix[:, :2] @ (left, top)
    cropped = cv2.warpAffine(
        part,
        matrix,
        (SIDE_PX, SIDE_PX),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REFLECT_101,
    )
    return np.asarray(cropped.clip(0, 255), np.float32)


def face_mask(face: Face, pose: CropPose) -> NDArray[np.float32]:
    """(512, 512) float32 0..1: where the face is in the crop, with soft edges."""
    points = np.ascontiguousarray(face.landmarks[:_MESH, :2])
    matrix = pose.matrix()
    hull = cv2.convexHull((points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32))
    mask = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    cv2.fillConvexPoly(mask, np.round(hull).astype(np.int32), 1.0)
    grown = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _GROW_PX + 1, 2 * _GROW_PX + 1))
    mask = np.asarray(cv2.dilate(mask, grown), np.float32)
    # What is at the crop's border has nothing behind it to fade into.
    for edge in (
        mask[:_BORDER_PX],
        mask[-_BORDER_PX:],
        mask[:, :_BORDER_PX],
        mask[:, -_BORDER_PX:],
    ):
        edge[:] = 0
    soft = cv2.GaussianBlur(mask, (0, 0), _FEATHER_PX, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(soft, np.float32)


def keep_light(change: NDArray[np.float32], mask: NDArray[np.float32]) -> NDArray[np.float32]:
    """A change of the crop, (512, 512, 3), without what it does to light and colour at large.

    Restorers drift in both, from frame to frame too.
    """
    small = (SIDE_PX // _LIGHT_SHRINK,) * 2
    weight = cv2.resize(mask, small, interpolation=cv2.INTER_AREA)
    inside = np.asarray(change * mask[..., None], np.float32)
    coarse = cv2.resize(inside, small, interpolation=cv2.INTER_AREA)
    sigma = _LIGHT_PX / _LIGHT_SHRINK
    coarse = cv2.GaussianBlur(coarse, (0, 0), sigma)
    weight = np.maximum(cv2.GaussianBlur(weight, (0, 0), sigma), 1e-3)
    mean = np.asarray(coarse / weight[..., None], np.float32)
    light = cv2.resize(mean, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_LINEAR)
    return np.asarray(change - light, np.float32)


def add_back(pixels: RgbImage, change: NDArray[np.float32], pose: CropPose) -> None:
    """Add a change of the crop, (512, 512, 3) float32 and 0 at its border, to the frame, in place.

    Only the change is resampled, so what the crop does not resolve stays as sharp as it was, and
    no change leaves every byte as it is.
    """
    left, top, right, bottom = _window(pose, pixels.shape[1], pixels.shape[0])
    if right <= left or bottom <= top:
        return
    shrink = SIDE_PX / float(np.exp(pose.side))
    matrix = pose.matrix()
    matrix[:, 2] += matrix[:, :2] @ (left, top)
    warped = cv2.warpAffine(
        _softened(change, shrink),
        matrix,
        (right - left, bottom - top),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_CONSTANT,
    )
    part = pixels[top:bottom, left:right]
    part[:] = np.rint(part + warped).clip(0, 255).astype(np.uint8)


def _softened(pixels: NDArray[np.float32], shrink: float) -> NDArray[np.float32]:
    """Blurred by as much as shrinking by that factor needs, so that nothing aliases."""
    if shrink <= 1:
        return pixels
    sigma = 0.4 * float(np.sqrt(shrink**2 - 1))
    return (
        np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.float32) if sigma > 0.2 else pixels
    )


def _window(pose: CropPose, width: int, height: int) -> tuple[int, int, int, int]:
    """left, top, right, bottom of the part of the frame that the crop covers, with a margin."""
    half = np.exp(pose.side) / 2 * (abs(np.cos(pose.roll_rad)) + abs(np.sin(pose.roll_rad))) + 4
    left, right = (int(np.clip(pose.x + sign * half, 0, width)) for sign in (-1, 1))
    top, bottom = (int(np.clip(pose.y + sign * half, 0, height)) for sign in (-1, 1))
    return left, top, right, bottom
