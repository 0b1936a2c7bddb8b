"""The tongue: its body behind the lower teeth and its tip between the teeth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.rig.sprites import Canvas, Sprite
from lipsmith.engines.rig.tone import PictureTone

BODY_HALF_WIDTH_MM = 23.0
TIP_HALF_WIDTH_MM = 12.0


def tongue_body(tone: PictureTone, density: float) -> Sprite:
    """The back and the blade as seen from the front; y = 0 is the top of its arch, in mm."""
    canvas = Canvas(-26.0, -2.0, 52.0, 26.0, density)
    x, y = (axis.astype(np.float32) for axis in np.meshgrid(*canvas.axes()))
    across = np.abs(x) / BODY_HALF_WIDTH_MM
    depth = y - 8.0 * across**2.6 - 0.7 * np.exp(-((x / 2.2) ** 2))
    alpha = np.clip(depth / 1.6 + 0.5, 0, 1) * np.clip((1 - across) / 0.12, 0, 1)
    # The back of the tongue is deep in the mouth; light reaches its front.
    shade = 0.46 + 0.48 * np.clip(depth / 9.0, 0, 1) ** 0.8
    shade *= 1 - 0.30 * across**2
    groove = (
        np.exp(-((x / 1.8) ** 2)) * np.clip(depth / 4.0, 0, 1) * np.clip(1.5 - depth / 7.0, 0, 1)
    )
    shade *= 1 - 0.14 * tone.relief * groove
    rng = np.random.default_rng(5)
    shade *= 1 + 0.03 * tone.relief * rng.standard_normal(shade.shape).astype(np.float32)
    gloss = np.exp(-(((np.abs(x) - 4.5) / 2.2) ** 2) - ((depth - 6.0) / 1.2) ** 2)
    return Sprite.of(_flesh(tone, shade, 0.12 * tone.relief * gloss), alpha, canvas)


def tongue_tip(tone: PictureTone, density: float) -> Sprite:
    """The tip laid between the teeth; y = 0 is its lower rim, in mm, its top lies at y = -7."""
    canvas = Canvas(-15.0, -9.0, 30.0, 11.0, density)
    x, y = (axis.astype(np.float32) for axis in np.meshgrid(*canvas.axes()))
    across = np.clip(np.abs(x) / TIP_HALF_WIDTH_MM, 0, 1.2)
    rim = 7.5 * (np.sqrt(np.clip(1 - across**2, 0, 1)) - 1) - y
    side = np.clip((1 - across) / 0.22, 0, 1)
    alpha = np.clip(rim / 0.8 + 0.5, 0, 1) * side * np.clip((y + 8.5) / 1.5, 0, 1)
    shade = 0.56 + 0.26 * np.sin(np.clip(rim / 5.0, 0, 1) * np.pi)
    shade *= 1 - 0.30 * across**2 - 0.08 * tone.relief * np.exp(-((x / 1.8) ** 2))
    gloss = np.exp(-(((np.abs(x) - 3.5) / 3.0) ** 2) - ((rim - 2.2) / 0.8) ** 2)
    return Sprite.of(_flesh(tone, shade, 0.22 * tone.relief * gloss), alpha, canvas)


def _flesh(
    tone: PictureTone, shade: NDArray[np.floating], gloss: NDArray[np.floating]
) -> NDArray[np.float32]:
    colour = tone.tongue * np.maximum(shade, 0.05)[..., None] ** tone.shade_tint
    return np.asarray(colour + (tone.enamel - colour) * gloss[..., None], np.float32)
