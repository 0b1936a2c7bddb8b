"""What each of Apple's 52 blendshapes does to the landmarks of a face, in head millimetres.

What a shape means: https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation.
Shapes that a mouth track uses are sums of the rig's controls, by the numbers with which the track
is made, so that they move a mesh as the rig moves the picture; the others are hand-made.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator

from lipsmith.articulation import arkit
from lipsmith.engines.rig.basis import (
    LIPS,
    LOWER_LIP,
    LOWER_RINGS,
    UPPER_LIP,
    UPPER_RINGS,
    landmark_basis,
    smoothstep,
)
from lipsmith.engines.rig.controls import Control
from lipsmith.engines.rig.geometry import LEFT_BROW, MOUTH_CORNERS, RIGHT_BROW

Array = NDArray[np.float64]

ARKIT_NAMES = tuple(name[0].lower() + name[1:] for name in arkit.BLENDSHAPES)
"""Apple's names, in the order of `lipsmith.articulation.arkit.BLENDSHAPES`."""

_SIDES_MEET_MM = 9.0
_SMILE, _FROWN = 2.9, 3.4
"""Amounts of the rig's controls in a full smile and frown."""
_SLIDING = (
    (Control.WIDTH, arkit.STRETCH_MM),
    (Control.SMILE, _SMILE),
    (Control.FROWN, _FROWN),
    (Control.BROW, arkit.BROW_UP_MM),
)
_JAW_SHARE_OF_DROP = 0.7
_JAW_ASIDE_MM, _JAW_FORWARD_MM = 7.0, 6.0
_MOUTH_ASIDE_MM = 7.0
_PUFF_MM = 10.0
_CHEEK_CENTRES = ((187, 205, 207, 214), (411, 425, 427, 434))  # the viewer's left and right
_UNDER_EYES = ((117, 118, 101, 50), (346, 347, 330, 280))
_NOSE_WINGS = ((129, 102, 64), (358, 331, 294))


def spatial_basis(points_mm: Array) -> Array:
    """(14, n, 3): the rig's basis, with the depth that a flat picture does not need.

    Skin that is drawn aside slides over the skull, and the lower lip goes back with the jaw.
    points_mm: (n, 3) landmarks in head mm.
    """
    basis = landmark_basis(points_mm)
    for control, amount in _SLIDING:
        basis[control] = _on_skull(points_mm, basis[control], amount)
    lower = list(LOWER_LIP)
    back = float(basis[Control.JAW, 200, 2])
    basis[Control.LOWER_DROP, lower, 2] += (
        back * basis[Control.LOWER_DROP, lower, 1] * _JAW_SHARE_OF_DROP
    )
    for control, inwards in ((Control.PRESS, 0.8), (Control.LABIODENTAL, 2.0)):
        down = basis[control, :, 1]
        basis[control, list(LIPS), 2] += inwards * np.minimum(np.abs(down[list(LIPS)]), 1.0)
    return basis


def arkit_offsets(points_mm: Array, smile: float) -> Array:
    """(52, n, 3) offsets in head mm of landmarks (n, 3), in the order of `ARKIT_NAMES`.

    smile: the face's own, see `lipsmith.engines.rig.controls`. Those of the eyes are empty, but
    for what the cheeks do.
    """
    return _Shapes(points_mm, smile).all()


class _Shapes:
    def __init__(self, points_mm: Array, smile: float) -> None:
        self.q = points_mm
        self.smile = smile
        self.basis = spatial_basis(points_mm)
        # the person's own left is at the viewer's right
        self.left = smoothstep(-_SIDES_MEET_MM, _SIDES_MEET_MM, points_mm[:, 0])[:, None]
        self.middle = 0.5 * (points_mm[13] + points_mm[14])
        self.offsets = np.zeros((len(ARKIT_NAMES), len(points_mm), 3))

    def all(self) -> Array:
        self._jaw()
        self._lips()
        self._corners()
        self._brows()
        self._cheeks()
        self._nose()
        return self.offsets

    def _set(self, name: str, offsets: Array) -> None:
        self.offsets[ARKIT_NAMES.index(name)] = offsets

    def _both(self, name: str, offsets: Array) -> None:
        self._set(f"{name}Left", offsets * self.left)
        self._set(f"{name}Right", offsets * (1.0 - self.left))

    def _blob(self, centre: Array, wide_mm: float, tall_mm: float) -> Array:
        d = (self.q - centre)[:, :2] / [wide_mm, tall_mm]
        return np.asarray(np.exp(-(d**2).sum(1))[:, None])

    def _jaw(self) -> None:
        jaw, drop = self.basis[Control.JAW], self.basis[Control.LOWER_DROP]
        self._set("jawOpen", arkit.JAW_OPEN_MM * (jaw + drop))
        self._set("mouthClose", -arkit.JAW_OPEN_MM * drop)
        share = np.clip(jaw[:, 1:2], 0.0, 1.0)
        share[list(LOWER_LIP)] = 0.75
        share[list(UPPER_LIP)] = 0.12
        share[list(MOUTH_CORNERS)] = 0.4
        self._set("jawLeft", share * [_JAW_ASIDE_MM, 0.0, 0.0])
        self._set("jawRight", share * [-_JAW_ASIDE_MM, 0.0, 0.0])
        self._set("jawForward", share * [0.0, 0.0, -_JAW_FORWARD_MM])

    def _lips(self) -> None:
        b, smile = self.basis, self.smile
        self._both("mouthLowerDown", arkit.LOWER_DOWN_MM * b[Control.LOWER_DROP])
        self._both("mouthUpperUp", arkit.UPPER_UP_MM * b[Control.UPPER_RAISE])
        pucker = b[Control.ROUND] - arkit.PUCKER_NARROWS_MM * b[Control.WIDTH]
        pucker = pucker - 0.8 * smile * b[Control.SMILE]
        self._set("mouthPucker", pucker)
        left = 1.0 - arkit.FUNNEL_PUCKER_SHARE
        funnel = left * b[Control.ROUND] - arkit.FUNNEL_NARROWS_MM * b[Control.WIDTH]
        funnel = funnel - 0.8 * left * smile * b[Control.SMILE]
        funnel = funnel + arkit.FUNNEL_RAISE_MM * b[Control.ROUND_RAISE]
        self._set("mouthFunnel", funnel + arkit.FUNNEL_DROP_MM * b[Control.ROUND_DROP])

        parted = arkit.TONGUE_RAISE_MM * b[Control.UPPER_RAISE]
        self._set("tongueOut", parted + arkit.TONGUE_DROP_MM * b[Control.LOWER_DROP])
        lower = b[Control.LABIODENTAL] / arkit.ROLL_PER_LABIODENTAL
        upper = np.zeros_like(lower)
        for ring, down in zip(reversed(UPPER_RINGS), (4.4, 3.2, 1.2, 0.0), strict=True):
            bulge = 1.0 - self._along(ring) ** 2
            upper[list(ring), 1] = down * bulge
            upper[list(ring), 2] = 0.5 * down * bulge
        self._set("mouthRollLower", lower)
        self._set("mouthRollUpper", upper)
        self._both(
            "mouthPress",
            arkit.FULL_PRESS * (b[Control.PRESS] - arkit.ROLL_PER_PRESS * (lower + upper)),
        )
        self._shrugs()

    def _shrugs(self) -> None:
        lower, upper = np.zeros_like(self.q), np.zeros_like(self.q)
        for rings, pushed, lifted in (
            (LOWER_RINGS, (3.2, 3.4, 3.4, 3.2), (1.2, 0.8, 0.3, 0.0)),
            (UPPER_RINGS, (3.2, 2.8, 2.2, 1.6), (1.2, 1.6, 2.2, 2.6)),
        ):
            for ring, low, high in zip(rings, pushed, lifted, strict=True):
                bulge = 1.0 - 0.8 * self._along(ring) ** 2
                at = list(ring)
                lower[at, 1], lower[at, 2] = -low * bulge, -0.6 * low * bulge
                upper[at, 1], upper[at, 2] = -high * bulge, -1.2 * high * bulge
        chin = np.clip(self.basis[Control.JAW, :, 1:2], 0.0, 1.0)
        chin = chin * self._blob(self.q[199], 24.0, 18.0)
        chin[list(LIPS)] = 0.0
        self._set("mouthShrugLower", lower + chin * [0.0, -3.4, -0.8])
        under_nose = self._blob(self.q[164], 16.0, 5.0)
        under_nose[list(LIPS)] = 0.0
        self._set("mouthShrugUpper", upper + under_nose * [0.0, -1.6, -1.2])

    def _corners(self) -> None:
        b = self.basis
        self._both("mouthSmile", _SMILE * (1.0 - 0.1 * self.smile) * b[Control.SMILE])
        self._both("mouthFrown", _FROWN * b[Control.FROWN])
        self._both("mouthStretch", arkit.STRETCH_MM * b[Control.WIDTH])
        side = np.sign(self.q[:, :1])
        dimple = np.zeros_like(self.q)
        for corner in (61, 291):
            spot = self._blob(self.q[corner], 11.0, 9.0)
            dimple += spot * np.concatenate([1.8 * side, -0.6 + 0 * side, 3.2 + 0 * side], 1)
        self._both("mouthDimple", dimple)
        for name, way in (("mouthLeft", 1.0), ("mouthRight", -1.0)):
            spot = self._blob(self.middle, 42.0, 21.0)
            aside = spot * [way * _MOUTH_ASIDE_MM, 0.0, 0.0]
            self._set(name, _on_skull(self.q, aside, 1.0))

    def _brows(self) -> None:
        brow = arkit.BROW_UP_MM * self.basis[Control.BROW]
        to_middle = np.abs(self.q[:, :1])
        inner = 1.0 - smoothstep(14.0, 40.0, to_middle)
        self._set("browInnerUp", inner * brow)
        self._both("browOuterUp", (1.0 - inner) * brow)
        down = -arkit.BROW_DOWN_MM * self.basis[Control.BROW]
        at = list(RIGHT_BROW + LEFT_BROW)
        down[at, 0] -= (2.2 * np.sign(self.q[:, :1]) * inner)[at, 0]
        self._both("browDown", down)

    def _cheeks(self) -> None:
        side = np.sign(self.q[:, :1])
        puff, squint = np.zeros_like(self.q), np.zeros_like(self.q)
        for centre, under in zip(_CHEEK_CENTRES, _UNDER_EYES, strict=True):
            spot = self._blob(self.q[list(centre)].mean(0), 23.0, 21.0)
            spot *= 1.0 - 0.8 * np.isin(np.arange(len(self.q)), list(LIPS))[:, None]
            out = np.concatenate([0.62 * side, 0 * side, -0.75 + 0 * side], 1)
            puff += _PUFF_MM * spot * out
            spot = self._blob(self.q[list(under)].mean(0), 17.0, 13.0)
            squint += spot * [0.0, -2.6, -1.4]
        lips = list(LIPS)
        puff[lips, 2] -= 1.2
        self._set("cheekPuff", puff)
        self._both("cheekSquint", squint)
        lower_lids = self.basis[Control.SQUINT] * (self.q[:, 1:2] > self.q[[27, 257], 1].mean())
        self._both("eyeSquint", lower_lids)

    def _nose(self) -> None:
        side = np.sign(self.q[:, :1])
        sneer = 1.8 * self.basis[Control.UPPER_RAISE]
        for wing in _NOSE_WINGS:
            spot = self._blob(self.q[list(wing)].mean(0), 9.0, 10.0)
            spot[list(LIPS)] = 0.0
            sneer = sneer + spot * np.concatenate([0.8 * side, -3.6 + 0 * side, 0 * side], 1)
        inner = self._blob(self.q[[107, 336]].mean(0), 20.0, 10.0)
        self._both("noseSneer", sneer + inner * [0.0, 1.4, 0.0])

    def _along(self, ring: tuple[int, ...]) -> Array:
        x = self.q[list(ring), 0]
        return np.asarray(np.clip(2.0 * (x - x[0]) / max(x[-1] - x[0], 1e-6) - 1.0, -1.0, 1.0))


def _on_skull(points: Array, offsets: Array, amount: float) -> Array:
    """The offsets with the depth added by which skin, moved by `amount` of them, stays on it."""
    moved = np.abs(offsets[:, :2]).max(1) > 1e-9
    depth = LinearNDInterpolator(points[:, :2], points[:, 2])
    there = depth(points[moved, :2] + amount * offsets[moved, :2])
    result = offsets.copy()
    result[moved, 2] += np.nan_to_num(there - points[moved, 2]) / amount
    return result
