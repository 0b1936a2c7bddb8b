"""Everything that is seen through the opening between the lips."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.core.motion import MouthPose
from lipsmith.engines.rig.geometry import HeadFrame
from lipsmith.engines.rig.layers import Lips, Rect
from lipsmith.engines.rig.own_teeth import find_enamel, find_own_teeth
from lipsmith.engines.rig.sprites import Affine, Canvas, Sprite, chain, lay_over
from lipsmith.engines.rig.tone import Colour, PictureTone, measure_tone
from lipsmith.engines.rig.tongue import tongue_body, tongue_tip
from lipsmith.engines.rig.tooth_sets import choose_teeth
from lipsmith.engines.rig.tooth_sprites import DENTINE_TINT, draw_teeth, smile_arc, with_own_teeth

UPPER_EDGE_MM = 2.4
"""Upper incisal edge below the closed lip line; at rest people show 1 to 4 mm of it under a
parted lip (Vig and Brundo 1978, "The kinetics of anterior tooth display", J. Prosthet. Dent. 39).
"""
FREEWAY_MM = 0.8
"""Gap between the rows while the jaw rests."""
LOWER_JAW_SHARE = 0.85
"""Drop of the lower incisors per drop of the chin; the jaw turns about a joint behind them."""
ROUND_EDGE_MM = 1.1
"""Where the upper incisal edge shows below the lip line when the lips are fully rounded."""

_EDGE_BLURS, _EDGE_MM = 2.0, 1.2
"""Breadth of a lip's edge, in standard deviations of the picture's blur, and at most."""

_CHEEKS_MM = 14.0, 26.0
"""Beside the middle of the mouth: where they begin to show, and where nothing else does."""


@dataclass(frozen=True, slots=True)
class Interior:
    """The prepared inside of one mouth; `draw` shows it for a pose.

    plane: mm in the plane of the lips -> px of the mouth's rectangle. line_y_mm, upper_edge_mm:
    head-frame y of the closed lip line and of the upper incisal edge. edge_px: breadth over which
    a lip ends in front of it, as sharp as the picture. relief, shade_tint: see PictureTone.
    """

    plane: Affine
    px_per_mm: float
    line_y_mm: float
    upper_edge_mm: float
    edge_px: float
    relief: float
    shade_tint: Colour
    cavity: Sprite
    upper: Sprite
    lower: Sprite
    body: Sprite
    tip: Sprite

    def draw(
        self,
        mouth: MouthPose,
        motion: Affine,
        upper_alpha: NDArray[np.float32],
        lower_alpha: NDArray[np.float32],
        corner: tuple[int, int] = (0, 0),
    ) -> RgbImage:
        """What lies behind the lips in one frame.

        motion: (2, 3) float64, px of the rectangle in the source -> in the frame, the rigid
        motion of the head. upper_alpha, lower_alpha: (h, w) float32 opacity 0..1 of the lips in
        the part of the frame's rectangle that begins at `corner` (left, top); one less than two
        pixels wide or high is left black.

        Returns:
            (h, w, 3) RgbImage.
        """
        height, width = upper_alpha.shape
        size = (width, height)
        if min(size) < 2:
            return np.zeros((height, width, 3), np.uint8)
        view = chain(motion, self.plane)
        view[:, 2] -= corner
        jaw = LOWER_JAW_SHARE * mouth.jaw_mm
        # Lips pushed forward leave the teeth behind: less of them shows in the opening.
        hidden_edge = min(self.upper_edge_mm, self.line_y_mm + ROUND_EDGE_MM)
        upper_edge = self.upper_edge_mm + (hidden_edge - self.upper_edge_mm) * _roundness(mouth)
        lower_edge = self.upper_edge_mm + FREEWAY_MM + jaw + 0.4 * _roundness(mouth)
        scene = self.cavity.place(_lowered(view, 0.5 * jaw), size)
        scene = lay_over(scene, self.body.place(self._body_to_view(view, mouth, jaw), size))
        scene = lay_over(scene, self.lower.place(_lowered(view, lower_edge), size))
        if mouth.tongue_out > 0.02:
            room = max(lower_edge - self.upper_edge_mm, 1.0)
            reach = self.upper_edge_mm + mouth.tongue_out * (room + 1.2)
            tip = _lowered(view, reach)
            scene = lay_over(scene, self.tip.place(tip, size))
        scene = lay_over(scene, self.upper.place(_lowered(view, upper_edge), size))
        light = self._light(mouth, upper_alpha, lower_alpha)
        seen = cv2.cvtColor(scene, cv2.COLOR_RGBA2RGB)
        return np.asarray(cv2.multiply(seen, light, dtype=cv2.CV_8U), np.uint8)

    def _body_to_view(self, view: Affine, mouth: MouthPose, jaw: float) -> Affine:
        """The tongue rides on the jaw; for t, d, n and l its blade rises to the upper teeth."""
        rest = self.line_y_mm - 1.0 + 0.68 * jaw
        raised = self.upper_edge_mm - 3.0
        lift = max(0.0, min(mouth.tongue, 1.0))
        return _lowered(view, rest + (min(raised, rest) - rest) * lift)

    def _light(
        self,
        mouth: MouthPose,
        upper: NDArray[np.float32],
        lower: NDArray[np.float32],
    ) -> NDArray[np.float32]:
        """How much light comes in through the opening, (h, w, 3) float32 about 0.1..1.

        Light at a place goes with the share of its surroundings that is open; next to the lips
        lies their contact shadow, longer under the upper lip.
        """
        height, width = upper.shape
        step = max(1, round(self.px_per_mm / 1.3))
        per_mm = self.px_per_mm / step
        rest = (0, -height % step, 0, -width % step)
        above, below = (
            cv2.resize(
                cv2.copyMakeBorder(alpha, *rest, cv2.BORDER_REPLICATE),
                None,
                fx=1 / step,
                fy=1 / step,
                interpolation=cv2.INTER_AREA,
            )
            for alpha in (upper, lower)
        )
        wide, tall = (max(1, round(v * per_mm)) for v in (9.0, 6.5))
        shadow = max(2, round(2.4 * per_mm))
        opening = (1 - above) * (1 - below)
        around = cv2.blur(opening, (wide, tall), borderType=cv2.BORDER_CONSTANT)
        around = cv2.blur(around, (3, 3), borderType=cv2.BORDER_REPLICATE)
        cast = cv2.blur(above, (shadow, shadow), anchor=(shadow // 2, shadow - 1))
        cast = cv2.blur(cast, (3, 3))
        rim = cv2.blur(below, (shadow, shadow))
        # the teeth that the lower lip touches for f and v are at the front, in full light
        front = min(max(mouth.labiodental, 0.0), 1.0)
        let_in = np.clip(1.7 * around, 0.65 * front, 1.0)
        light = (0.34 + 0.66 * let_in) * (1 - (0.32 - 0.2 * front) * cast) * (1 - 0.20 * rim)
        light = 1 - (0.75 + 0.25 * self.relief) * (1 - light)
        light *= 1 - 0.48 * _roundness(mouth)
        coloured = cv2.merge([cv2.pow(light, float(tint)) for tint in self.shade_tint])
        return np.asarray(cv2.resize(coloured, None, fx=step, fy=step)[:height, :width])


def _roundness(mouth: MouthPose) -> float:
    return min(max(mouth.round, 0.0), 1.2)


def _lowered(view: Affine, down_mm: float) -> Affine:
    moved = view.copy()
    moved[:, 2] += view[:, 1] * down_mm
    return moved


def prepare_interior(
    pixels: RgbImage,
    landmarks: NDArray[np.float64],
    head: HeadFrame,
    lips: Lips,
    rect: Rect,
) -> Interior:
    """Fit teeth, tongue and cavity to the mouth of a portrait.

    landmarks: (478, 3) px of the source picture. rect: the mouth's rectangle in it.
    """
    tone = measure_tone(pixels, landmarks, head)
    choice = choose_teeth(landmarks, head)
    origin = head.origin[:2] - (rect.left, rect.top)
    plane = np.column_stack([head.plane_px_per_mm, origin])
    density = float(np.clip(1.5 * head.px_per_mm, 1.5, 9.0))
    upper_edge = lips.line_y_mm + UPPER_EDGE_MM
    bow = smile_arc(lips, head)
    own = find_own_teeth(pixels, head, lips, tone, density)
    enamel = find_enamel(pixels, head, lips, tone, density)
    if own is not None:
        upper_edge, enamel = own.edge_y_mm, own.enamel
    if enamel is not None:
        tone = replace(tone, enamel=enamel, dentine=enamel * DENTINE_TINT)
    upper = draw_teeth(choice, tone, head, upper=True, density=density, bow=bow)
    if own is not None:
        upper = with_own_teeth(upper, own)
    return Interior(
        plane=plane,
        px_per_mm=head.px_per_mm,
        line_y_mm=lips.line_y_mm,
        upper_edge_mm=upper_edge,
        edge_px=min(max(1.0, _EDGE_BLURS * tone.blur_px), max(1.0, _EDGE_MM * head.px_per_mm)),
        relief=tone.relief,
        shade_tint=tone.shade_tint,
        cavity=_cavity(tone),
        upper=upper,
        lower=draw_teeth(choice, tone, head, upper=False, density=density, bow=0.5 * bow),
        body=tongue_body(tone, min(density, 4.0)),
        tip=tongue_tip(tone, min(density, 4.0)),
    )


def _cavity(tone: PictureTone) -> Sprite:
    canvas = Canvas(-60.0, -50.0, 120.0, 120.0, 1.0)
    x, y = np.meshgrid(*canvas.axes())
    throat = np.exp(-((x / 15.0) ** 2) - ((y - 4.0) / 6.0) ** 2)
    # the cheeks' insides, near the corners, are close to the light
    cheeks = np.clip((np.abs(x) - _CHEEKS_MM[0]) / (_CHEEKS_MM[1] - _CHEEKS_MM[0]), 0.0, 1.0)
    shade = 1.30 - 0.60 * throat + 1.1 * cheeks
    return Sprite.of(
        np.asarray(tone.cavity * shade[..., None], np.float32), np.ones_like(shade), canvas
    )
