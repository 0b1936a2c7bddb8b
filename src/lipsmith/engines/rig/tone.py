"""What a picture tells about the light, the colours and the sharpness around a mouth."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lipsmith.core.image import RgbImage
from lipsmith.engines.rig import geometry as geo

Colour = NDArray[np.float32]
"""(3,) float32 RGB, 0..255."""

_CHEEKS_LEFT = (50, 205, 36, 101, 187, 118)
_CHEEKS_RIGHT = (280, 425, 266, 330, 411, 347)


@dataclass(frozen=True, slots=True)
class PictureTone:
    """Colours for the inside of the mouth and how the picture renders detail.

    enamel, dentine, gum, tongue, cavity, lip: Colour. shade_tint: (3,) exponents, about 1, that
    make light of strength s into the colour s ** shade_tint; light that was reflected inside the
    mouth before is red. side_light: -0.4..0.4 relative change of
    brightness from the middle to 25 mm to the viewer's right. blur_px: standard deviation of the
    picture's own blur. grain: standard deviation of its noise, 0..255. relief: 0..1 how strongly
    the picture models form with light, low in flat drawings.
    """

    enamel: Colour
    dentine: Colour
    gum: Colour
    tongue: Colour
    cavity: Colour
    lip: Colour
    shade_tint: Colour
    side_light: float
    blur_px: float
    grain: float
    relief: float


def to_lab(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """(..., 3) RGB 0..255 -> CIE L*a*b*, same shape."""
    flat = np.ascontiguousarray(rgb, np.float32).reshape(-1, 1, 3) / np.float32(255)
    return np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2LAB).reshape(np.shape(rgb)), np.float32)


def from_lab(lightness: float, a: float, b: float) -> Colour:
    lab = np.array([[[np.clip(lightness, 0, 100), a, b]]], np.float32)
    rgb = cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)[0, 0] * 255
    return np.asarray(np.clip(rgb, 0, 255), np.float32)


def measure_tone(
    pixels: RgbImage, landmarks: NDArray[np.float64], head: geo.HeadFrame
) -> PictureTone:
    """Measure the picture around the mouth of the face at `landmarks` ((478, 3) px)."""
    scale = head.px_per_mm
    left = _patches(pixels, landmarks, _CHEEKS_LEFT, 3.0 * scale)
    right = _patches(pixels, landmarks, _CHEEKS_RIGHT, 3.0 * scale)
    skin = to_lab(np.concatenate([left, right]))
    # light from one side leaves the mouth darker than the lit cheek
    skin_light = float(min(np.percentile(skin[:, 0], 60), np.median(skin[:, 0]) + 6.0))
    skin_a, skin_b = (float(v) for v in np.median(skin[:, 1:], axis=0))
    lip_ring = geo.UPPER_MIDDLE[2:-2] + geo.LOWER_MIDDLE[2:-2] + geo.LOWER_INNER_RING[3:-3]
    lip = np.median(_patches(pixels, landmarks, lip_ring, 0.6 * scale), axis=0)
    lip_lab = to_lab(lip)
    toned = _Toning(pixels, landmarks)

    def colour(lightness: float, a: float, b: float) -> Colour:
        return from_lab(*toned.apply(lightness, a, b))

    white = _eye_white(pixels, landmarks)
    enamel_a, enamel_b = 0.10 * skin_a, 0.44 * skin_b + 3.0
    enamel_light = skin_light * 0.60 + 34.0
    if white is not None:
        enamel_a = 0.5 * enamel_a + 0.5 * 0.25 * white[1]
        enamel_b = 0.5 * enamel_b + 0.5 * (0.7 * white[2] + 5.0)
        enamel_light = max(enamel_light, 0.5 * enamel_light + 0.5 * white[0])
    enamel_light = min(enamel_light, 92.0)
    lip_a, lip_b = float(lip_lab[1]), float(lip_lab[2])
    # Lipstick says little about what lies behind it.
    red = min(max(lip_a, 0.5 * lip_a + 12.0), 30.0)
    warm = min(0.5 * lip_b + 0.4 * skin_b, 0.9 * max(skin_b, 8.0) + 3.0)
    levels = np.median(left @ _LUMA), np.median(right @ _LUMA)
    side = float((levels[1] - levels[0]) / max(levels[0] + levels[1], 1.0))
    enamel = colour(enamel_light, enamel_a, enamel_b)
    cavity = colour(max(6.0, 0.18 * skin_light), 0.62 * red, 0.45 * warm + 2.0)
    return PictureTone(
        enamel=enamel,
        dentine=colour(enamel_light - 5.0, enamel_a + 1.5, enamel_b + 8.0),
        gum=colour(0.70 * skin_light, 0.70 * red + 5.0, warm),
        tongue=colour(0.77 * skin_light, 0.80 * red + 12.0, 0.80 * warm + 4.0),
        cavity=cavity,
        lip=np.asarray(lip, np.float32),
        shade_tint=_shade_tint(enamel, cavity),
        side_light=float(np.clip(1.2 * side, -0.4, 0.4)),
        blur_px=_edge_blur(pixels, landmarks),
        grain=_noise(pixels, landmarks),
        relief=measure_relief(pixels, landmarks, head),
    )


def measure_relief(pixels: RgbImage, landmarks: NDArray[np.float64], head: geo.HeadFrame) -> float:
    """0.25..1 how strongly the picture models form with light.

    Pores, wrinkles and brush strokes of 1 to 5 mm on the cheeks tell a photo of weathered skin
    from a retouched one or a drawing.
    """
    scale = head.px_per_mm
    low, high = _face_box(pixels, landmarks)
    luma = cv2.cvtColor(pixels[low[1] : high[1], low[0] : high[0]], cv2.COLOR_RGB2GRAY)
    shrink = max(1.0, scale / 2.0)
    luma = cv2.resize(
        luma.astype(np.float32), None, fx=1 / shrink, fy=1 / shrink, interpolation=cv2.INTER_AREA
    )
    per_mm = scale / shrink
    fine = cv2.GaussianBlur(luma, (0, 0), max(0.5, 0.5 * per_mm))
    band = fine - cv2.GaussianBlur(luma, (0, 0), 2.5 * per_mm)
    reach = int(4 * per_mm) + 1
    contrasts = []
    for x, y in (landmarks[list(_CHEEKS_LEFT + _CHEEKS_RIGHT), :2] - low) / shrink:
        at = np.s_[
            max(0, int(y) - reach) : max(0, int(y) + reach),
            max(0, int(x) - reach) : max(0, int(x) + reach),
        ]
        if band[at].size:
            contrasts.append(band[at].std() / max(float(luma[at].mean()), 10.0))
    contrast = float(np.median(contrasts)) if contrasts else 0.0
    return 0.25 + 0.75 * float(np.clip((contrast - 0.003) / 0.008, 0, 1))


def _shade_tint(lit: Colour, dark: Colour) -> Colour:
    """Exponents that lead from the hue of `lit` in full light towards that of `dark` in shade.

    Equal hues, as in a monochrome picture, give 1.
    """
    hues = (np.maximum(c, 2.0) / max(float(c @ _LUMA), 2.0) for c in (dark, lit))
    ratio = next(hues) / next(hues)
    return np.asarray(np.clip(1 - 0.7 * np.log(ratio), 0.65, 1.6), np.float32)


_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def _patches(
    pixels: RgbImage, landmarks: NDArray[np.float64], indices: tuple[int, ...], radius_px: float
) -> NDArray[np.float32]:
    """(n, 3) float32 RGB of small squares around landmarks, n the same for each square."""
    height, width = pixels.shape[:2]
    offsets = np.linspace(-radius_px, radius_px, 7)
    centres = landmarks[list(indices), :2]
    x = centres[:, 0, None, None] + offsets[None, None, :]
    y = centres[:, 1, None, None] + offsets[None, :, None]
    x, y = np.broadcast_arrays(x, y)
    columns = np.clip(np.rint(x), 0, width - 1).astype(int)
    rows = np.clip(np.rint(y), 0, height - 1).astype(int)
    return np.asarray(pixels[rows, columns].reshape(-1, 3), np.float32)


def _eye_white(pixels: RgbImage, landmarks: NDArray[np.float64]) -> NDArray[np.float32] | None:
    """L*a*b* of the whites of the eyes, (3,) float32, or None where too few pixels show them."""
    found = []
    eyes = (
        (geo.RIGHT_UPPER_LID, geo.RIGHT_LOWER_LID, geo.RIGHT_IRIS),
        (geo.LEFT_UPPER_LID, geo.LEFT_LOWER_LID, geo.LEFT_IRIS),
    )
    for upper, lower, iris in eyes:
        contour = landmarks[list(upper + lower[::-1]), :2]
        left, top = np.floor(contour.min(0)).astype(int)
        right, bottom = np.ceil(contour.max(0)).astype(int) + 1
        left, top = max(left, 0), max(top, 0)
        crop = pixels[top:bottom, left:right]
        if crop.size == 0:
            continue
        mask = np.zeros(crop.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.rint(contour - [left, top]).astype(np.int32)], 1)
        centre = landmarks[iris[0], :2]
        radius = np.linalg.norm(landmarks[list(iris[1:]), :2] - centre, axis=1).mean() * 1.2
        at = tuple(int(v) for v in np.rint(centre - [left, top]))
        cv2.circle(mask, at, int(np.ceil(radius)), 0, -1)
        found.append(crop[mask > 0])
    white = np.concatenate(found) if found else np.zeros((0, 3))
    if len(white) < 12:
        return None
    lab = to_lab(white.astype(np.float32))
    bright = lab[lab[:, 0] >= np.percentile(lab[:, 0], 60)]
    return np.asarray(np.median(bright, axis=0), np.float32)


class _Toning:
    """Follows a monochrome, sepia or tinted picture, where brightness alone decides the hue."""

    def __init__(self, pixels: RgbImage, landmarks: NDArray[np.float64]) -> None:
        indices = tuple(range(0, 468, 5))
        lab = to_lab(_patches(pixels, landmarks, indices, 1.0))
        light = lab[:, 0] / 100
        terms = np.stack([np.ones_like(light), light, light**2], axis=1)
        self._curve, *_ = np.linalg.lstsq(terms, lab[:, 1:], rcond=None)
        residual = float(np.sqrt(np.mean((lab[:, 1:] - terms @ self._curve) ** 2)))
        self._amount = float(np.clip((3.0 - residual) / 1.5, 0, 1))

    def apply(self, lightness: float, a: float, b: float) -> tuple[float, float, float]:
        t = np.clip(lightness, 0, 100) / 100
        tint = np.array([1, t, t * t]) @ self._curve
        mixed = (1 - self._amount) * np.array([a, b]) + self._amount * tint
        return lightness, float(mixed[0]), float(mixed[1])


def _face_box(
    pixels: RgbImage, landmarks: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Upper left and lower right px of the face inside the picture."""
    size = np.array([pixels.shape[1], pixels.shape[0]])
    low = np.clip(np.floor(landmarks[:468, :2].min(0)), 0, size - 2).astype(np.intp)
    high = np.clip(np.ceil(landmarks[:468, :2].max(0)) + 1, low + 2, size).astype(np.intp)
    return low, high


def _face_luma(pixels: RgbImage, landmarks: NDArray[np.float64]) -> NDArray[np.float32]:
    low, high = _face_box(pixels, landmarks)
    crop = pixels[low[1] : high[1], low[0] : high[0]]
    return np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.float32)


def _edge_blur(pixels: RgbImage, landmarks: NDArray[np.float64]) -> float:
    """Standard deviation in px of the blur of the face's strongest edges.

    The ratio of gradients before and after a known blur tells the unknown one: Zhuo and Sim
    (2011), "Defocus map estimation from a single image", Pattern Recognition 44(9), eq. 6.
    """
    luma = _face_luma(pixels, landmarks)

    def gradient(image: NDArray[np.float32]) -> NDArray[np.float32]:
        gx = cv2.Sobel(image, cv2.CV_32F, 1, 0, scale=0.125)
        gy = cv2.Sobel(image, cv2.CV_32F, 0, 1, scale=0.125)
        return np.asarray(cv2.magnitude(gx, gy))

    known = 1.0
    blurred = np.asarray(cv2.GaussianBlur(luma, (0, 0), known), np.float32)
    before, after = gradient(luma), gradient(blurred)
    strong = before >= max(float(np.percentile(before, 98.5)), 2.0)
    if not strong.any():
        return 1.5
    ratio = np.percentile(before[strong] / np.maximum(after[strong], 1e-3), 85)
    return float(np.clip(known / np.sqrt(max(float(ratio) ** 2 - 1, 0.02)), 0.4, 4.0))


def _noise(pixels: RgbImage, landmarks: NDArray[np.float64]) -> float:
    """Standard deviation of the noise on flat parts of the face.

    Immerkaer (1996), "Fast noise variance estimation", CVIU 64(2), with the median in place of
    the mean, so that edges and hair do not count.
    """
    luma = _face_luma(pixels, landmarks)
    kernel = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    response = np.abs(cv2.filter2D(luma, cv2.CV_32F, kernel))
    return float(np.clip(np.median(response) / 0.6745 / 6.0, 0.0, 8.0))


def skin_likeness(
    pixels: RgbImage,
    landmarks: NDArray[np.float64],
    head: geo.HeadFrame,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
) -> NDArray[np.float32]:
    """0..1 how much the picture at x, y (px, any shape) looks like the skin of the chin."""
    small = cv2.blur(pixels, (3, 3))
    rows = np.clip(np.rint(y), 0, pixels.shape[0] - 1).astype(int)
    columns = np.clip(np.rint(x), 0, pixels.shape[1] - 1).astype(int)
    lab = to_lab(small[rows, columns].astype(np.float32))
    skin = np.median(
        to_lab(_patches(pixels, landmarks, _CHEEKS_LEFT + _CHEEKS_RIGHT, 3 * head.px_per_mm)), 0
    )
    # A neck is often in shade, so brightness counts for less than hue.
    weights = np.array([0.35, 1.0, 1.0], np.float32)
    apart = np.linalg.norm((lab - skin) * weights, axis=-1)
    return np.asarray(np.clip((26.0 - apart) / 12.0, 0, 1), np.float32)
