"""Rows of teeth as sprites: lit, coloured, and as sharp and grainy as the picture."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.layers import Lips
from lipsmith.engines.rig.own_teeth import OwnTeeth
from lipsmith.engines.rig.sprites import Canvas, Sprite, shrink
from lipsmith.engines.rig.teeth import RowMaps, arch_seen_from, draw_row
from lipsmith.engines.rig.tone import PictureTone
from lipsmith.engines.rig.tooth_sets import ToothChoice

DENTINE_TINT = np.array([0.97, 0.92, 0.82], np.float32)
"""Colour of dentine relative to the enamel over it."""
_TEETH_BEHIND_LIPS_MM = 5.0
_BLUR_SHARE = 0.75  # they are drawn soft, and between samples once more


def draw_teeth(
    choice: ToothChoice,
    tone: PictureTone,
    head: HeadFrame,
    *,
    upper: bool,
    density: float,
    bow: float,
) -> Sprite:
    """One row of teeth; y = 0 is its incisal edge at the middle, x = 0, and bow * x^2 elsewhere."""
    top, height = (-11.0, 14.0) if upper else (-3.0, 14.0)
    canvas = Canvas(-31.0, top, 62.0, height, density)
    finer = max(1, round(9.0 / density))
    x, y = canvas.axes(finer)
    depth_to_plane = np.linalg.solve(head.rotation[:2, :2], head.rotation[:2, 2])
    scale = choice.scale * (1.0 if upper else 0.90)
    arch = arch_seen_from(
        np.asarray(x - depth_to_plane[0] * _TEETH_BEHIND_LIPS_MM, np.float64),
        float(depth_to_plane[0]),
        scale,
    )
    # The row curves up towards the back (curve of Spee) and follows the head's pitch.
    curve = 0.010 * arch.depth_mm - depth_to_plane[1] * arch.depth_mm - bow * x**2
    towards_gum = -1 if upper else 1
    height_mm = towards_gum * (y[:, None] + curve[None, :])
    maps = draw_row(choice, upper, arch, np.asarray(height_mm, np.float32), 0.4 + 0.6 * tone.relief)
    # The cheeks keep the light from the back teeth, more so from the lower ones.
    reach_mm = 21.0 if upper else 16.0
    light = 0.10 + 0.90 * arch.facing**0.6 * np.exp(-((arch.depth_mm / reach_mm) ** 1.4))
    light *= (1.0 if upper else 0.78) * (1 + tone.side_light * np.clip(x / 25.0, -1, 1))
    colour, alpha = _enamel_and_gums(maps, tone, choice, light.astype(np.float32))
    # Light that the lips throw back, mostly the lower one.
    colour *= (np.maximum(tone.lip, 8.0) / max(tone.lip.mean(), 8.0)) ** (0.06 if upper else 0.16)
    alpha *= np.clip((arch.facing - 0.10) / 0.25, 0, 1)[None]
    premultiplied = np.dstack([colour * alpha[..., None], alpha * 255])
    blur_px = _BLUR_SHARE * tone.blur_px
    spread = np.sqrt(max(blur_px**2 - 0.35**2, 0.0)) * density / head.px_per_mm
    image = shrink(premultiplied, canvas, float(spread))
    if tone.grain > 0.3:
        rng = np.random.default_rng(choice.seed)
        noise = rng.standard_normal(canvas.shape).astype(np.float32) * 1.5 * tone.grain
        image[..., :3] += (noise * image[..., 3] / 255)[..., None]
    image[..., :3] = np.minimum(image[..., :3], image[..., 3:])
    return Sprite(np.clip(image + 0.5, 0, 255).astype(np.uint8), canvas)


def _enamel_and_gums(
    maps: RowMaps, tone: PictureTone, choice: ToothChoice, light: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Straight RGB (h, w, 3) and alpha (h, w) of a row; light: (w,) along the arch."""
    yellow = np.clip(maps.warmth * (0.7 + 0.6 * choice.tooth_set.yellowing), 0, 1)[..., None]
    enamel = tone.enamel + (tone.dentine - tone.enamel) * yellow
    tint = 1 + (tone.shade_tint - 1) * (1 - light[:, None])
    lit_from_front = (light[:, None] ** tint)[None]
    enamel = enamel * maps.tone[..., None] * lit_from_front
    shine = 0.45 * tone.relief * maps.gloss[..., None] * light[None, :, None]
    enamel += (np.maximum(tone.enamel * 1.18, enamel) - enamel) * shine
    cover = maps.enamel * (1 - 0.30 * maps.clear)
    gum_alpha = maps.gum * (1 - cover)
    alpha = cover + gum_alpha
    gum = tone.gum * maps.gum_tone[..., None] * lit_from_front
    mixed = enamel * cover[..., None] + gum * gum_alpha[..., None]
    return np.asarray(mixed / np.maximum(alpha, 1e-3)[..., None], np.float32), alpha


def smile_arc(lips: Lips, head: HeadFrame) -> float:
    """Curvature c of the tooth rows' edges, y = c * x^2 in mm: the smile arc.

    It follows the line between the lips in part, as people's incisal edges follow the lower lip
    (Sarver 2001, "The importance of incisor positioning in the esthetic smile: the smile arc",
    Am. J. Orthod. Dentofacial Orthop. 120(2)).
    """
    line = 0.5 * (lips.upper + lips.lower) - head.origin[:2]
    line = line @ np.linalg.inv(head.plane_px_per_mm).T
    curvature = float(np.polyfit(line[:, 0], line[:, 1], 2)[0])
    return float(np.clip(0.5 * curvature, -0.006, 0.0))


def with_own_teeth(drawn: Sprite, own: OwnTeeth) -> Sprite:
    """The drawn row, with the picture's own teeth where it shows them."""
    canvas = drawn.canvas
    rows, columns = canvas.shape
    shift = (own.canvas.top_mm - own.edge_y_mm - canvas.top_mm) * canvas.density
    matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, shift]])
    photo = cv2.warpAffine(np.dstack([own.colour, own.alpha]), matrix, (columns, rows))
    alpha = photo[..., 3:]
    opaque = np.dstack([photo[..., :3], np.full((rows, columns), 255.0)])
    image = drawn.image * (1 - alpha) + opaque * alpha
    return Sprite(np.clip(image + 0.5, 0, 255).astype(np.uint8), canvas)
