"""Rows of teeth drawn from their measures: outline, enamel shading, gums."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.tooth_sets import Tooth, ToothChoice

Map = NDArray[np.float32]

_ARCH_HALF_WIDTH_MM = 29.0
_ARCH_DEPTH_MM = 36.0


@dataclass(frozen=True, slots=True)
class Arch:
    """A dental arch seen from the front, sampled once a column of a sprite.

    arc_mm: signed length along the arch from the midline. depth_mm: behind the central incisors.
    facing: 0..1 share of the tooth surface that faces the viewer, 0 beyond the silhouette. Each
    (columns,) float32.
    """

    arc_mm: Map
    depth_mm: Map
    facing: Map


def arch_seen_from(x_mm: NDArray[np.float64], depth_to_x: float, scale: float) -> Arch:
    """Where the columns of a picture of the mouth meet the dental arch.

    x_mm: (columns,) in the plane of the lips. depth_to_x: how far a point 1 mm behind that plane
    shifts in x, non-zero in a turned head. An ellipse fits the outer side of the arch best: Currier
    (1969), "A computerized geometric analysis of human dental arch form", Am. J. Orthod. 56(2).
    """
    middle = 400
    t = np.linspace(-0.985, 0.985, 2 * middle + 1)
    x = t * _ARCH_HALF_WIDTH_MM * scale
    z = _ARCH_DEPTH_MM * scale * (1 - np.sqrt(1 - t**2))
    arc = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    arc -= arc[middle]
    seen = x + depth_to_x * z
    # Beyond the arch's silhouette its columns turn back; the eye sees only the part in front.
    slope = np.gradient(seen, arc)
    hidden = np.flatnonzero(slope <= 0.02)
    first = int(np.max(hidden[hidden < middle], initial=-1)) + 1
    last = int(np.min(hidden[hidden > middle], initial=len(x)))
    part = slice(first, last)

    def along(values: NDArray[np.float64], outside: float | None = None) -> Map:
        sampled = np.interp(x_mm, seen[part], values[part], left=outside, right=outside)
        return np.asarray(sampled, np.float32)

    return Arch(along(arc), along(z), along(np.clip(slope, 0, 1), 0.0))


@dataclass(frozen=True, slots=True)
class RowMaps:
    """A row of teeth as (rows, columns) float32 maps.

    enamel: opacity of the teeth, 0..1. tone: brightness of the enamel, about 0.4..1.1.
    warmth: 0..1 yellow of the dentine showing through. clear: 0..1 translucency at the edge.
    gloss: 0..1 wet highlight. gum: opacity of the gum, which lies behind the teeth.
    gum_tone: brightness of the gum.
    """

    enamel: Map
    tone: Map
    warmth: Map
    clear: Map
    gloss: Map
    gum: Map
    gum_tone: Map


def draw_row(
    choice: ToothChoice, upper: bool, arch: Arch, height_mm: Map, contrast: float
) -> RowMaps:
    """Draw the upper or the lower teeth.

    height_mm: (rows, columns) from the incisal plane towards the gum. contrast: 0..1 how much one
    tooth is set off from the next; drawings have little.
    """
    kind = choice.tooth_set
    rng = np.random.default_rng((choice.seed, int(upper)))
    shape = height_mm.shape
    maps = RowMaps(
        enamel=np.zeros(shape, np.float32),
        tone=np.full(shape, 1 - 0.30 * contrast, np.float32),
        warmth=np.full(shape, 0.45, np.float32),
        clear=np.zeros(shape, np.float32),
        gloss=np.zeros(shape, np.float32),
        gum=np.zeros(shape, np.float32),
        gum_tone=np.zeros(shape, np.float32),
    )
    margin = np.full(shape[1], 7.0, np.float32)
    for side in (-1, 1):
        position = 0.5 * kind.midline_gap_mm if upper else 0.0
        for index, tooth in enumerate(kind.upper if upper else kind.lower):
            width = tooth.width_mm * choice.scale
            lift = tooth.lift_mm + kind.lift_spread_mm * rng.standard_normal()
            turn = kind.turn_spread * rng.standard_normal()
            tone = tooth.tone * (1 + 0.015 * rng.standard_normal())
            across = (side * arch.arc_mm - position) / (0.5 * width) - 1
            columns = np.flatnonzero((np.abs(across) < 1.15) & (arch.facing > 0))
            position += width
            if len(columns):
                part = slice(int(columns[0]), int(columns[-1]) + 1)
                outline = _Outline(tooth, width, lift, turn, across[part], height_mm[:, part])
                _paint(maps, part, outline, tone, contrast, glossy=index < 3)
                margin[part] = np.where(np.abs(across[part]) <= 1, outline.margin_mm, margin[part])
    _gums(maps, margin, height_mm, kind.gum_mm)
    return maps


class _Outline:
    """Signed distances of one crown's sides, edge and gum line, and coordinates inside it."""

    def __init__(
        self, tooth: Tooth, width: float, lift: float, turn: float, across: Map, height: Map
    ) -> None:
        # A tooth turned about its axis shows its middle shifted towards one side.
        u = np.clip(across + turn * (1 - across**2), -1.1, 1.1)
        edge = lift + tooth.cusp_mm * np.abs(u) ** 1.4
        for sign, radius in ((-1, tooth.mesial_mm), (1, tooth.distal_mm)):
            reach = radius / (0.5 * width)
            inside = np.clip((sign * u - (1 - reach)) / reach, 0, 1)
            edge = edge + radius * (1 - np.sqrt(1 - 0.92 * inside**2))
        edge = edge + width * np.clip(np.abs(u) - 1, 0, None)
        edge = edge - turn * 0.8 * u
        self.margin_mm = (tooth.length_mm + lift * 0.3 - 1.5 * np.abs(u) ** 2.2).astype(np.float32)
        self.above_edge = height - edge.astype(np.float32)[None]
        self.v = np.clip(self.above_edge / tooth.length_mm, 0, 1)
        half = 0.5 * width * (1 - tooth.taper * np.clip(self.v - 0.30, 0, 1) ** 1.3)
        self.from_side = half - np.abs(across)[None] * 0.5 * width
        self.u = (
            np.clip(np.abs(across)[None] * 0.5 * width / half, 0, 1) * np.clip(5 * u, -1, 1)[None]
        )


def _paint(
    maps: RowMaps, part: slice, outline: _Outline, tone: float, contrast: float, glossy: bool
) -> None:
    soft_mm = 0.16
    side = np.clip(outline.from_side / soft_mm + 1.0, 0, 1)
    body = np.clip(outline.above_edge / soft_mm + 0.5, 0, 1)
    here = np.s_[:, part]
    u, v = outline.u, outline.v
    # A crown is rounder towards its sides, and its middle third catches the most light.
    shading = 1 - contrast * (0.17 * np.abs(u) ** 3.2 + 0.05 * u)
    shading *= 1 - contrast * 0.14 * np.clip(1 - outline.from_side / 0.30, 0, 1)
    shading *= 1 - contrast * (0.06 * np.exp(-v / 0.10) + 0.10 * np.clip((v - 0.45) / 0.55, 0, 1))
    clear = np.exp(-((outline.above_edge / 0.9) ** 2)) * (0.75 + 0.25 * np.abs(u))
    warmth = 0.15 + 0.5 * np.clip((v - 0.35) / 0.65, 0, 1)
    for target, value in ((maps.tone, tone * shading), (maps.clear, clear), (maps.warmth, warmth)):
        target[here] += (value - target[here]) * side
    if glossy:
        spot = np.exp(-(((u + 0.18) / 0.20) ** 2) - ((v - 0.42) / 0.24) ** 2)
        maps.gloss[here] = np.maximum(maps.gloss[here], spot * side)
    maps.enamel[here] = np.maximum(maps.enamel[here], side * body)


def _gums(maps: RowMaps, margin: Map, height: Map, papilla_mm: float) -> None:
    cover = np.clip((height - margin[None]) / 0.35 + 0.5, 0, 1)
    maps.enamel[...] *= 1 - cover
    maps.gum[...] = np.clip((height - papilla_mm) / 0.8, 0, 1)
    rise = height - cv2.blur(margin[None], (1 + len(margin) // 20, 1))
    maps.gum_tone[...] = 0.80 + 0.20 * np.exp(-(((rise - 1.2) / 1.3) ** 2))
    maps.gum_tone[...] *= 1 - 0.3 * np.clip((rise - 3.0) / 4.0, 0, 1)
