"""Subtitles drawn into the frames."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from PIL.ImageFont import FreeTypeFont

from lipsmith.core.image import Frame, Nv12Image, RgbImage
from lipsmith.core.portrait import Box, Face
from lipsmith.core.request import Size
from lipsmith.core.speech import TimedWord
from lipsmith.core.subtitle import Cue
from lipsmith.finishing.fonts import FontFinder
from lipsmith.media.colour import rgb_to_nv12
from lipsmith.media.cues import MAX_COLUMNS, line_pieces

_WHITE, _HIGHLIGHT = (250, 250, 250), (255, 214, 40)
_SIZE_OF_HEIGHT, _SIZE_OF_WIDTH = 0.052, 0.06
_SMALLEST_PX = 11
_MARGIN = 0.06
"""Of each side; what is nearer to the border may be cut off or covered by a player."""

_LINE_HEIGHT, _OUTLINE, _SHADOW, _BLANK, _LETTER = 1.22, 0.075, 0.16, 0.26, 0.53
"""In font sizes; the last is the width of a Latin letter, on average."""

_SHADOW_OPACITY = 0.55

_LIPS = (0, 17, 61, 291)
"""MediaPipe's landmarks of the lips: top, bottom, corners."""


@dataclass(frozen=True, slots=True)
class _Patch:
    """A drawn cue. top, left: even. colour is premultiplied by alpha; the rest of it is black.

    rgb: (h, w, 3) uint8. alpha: (h, w) uint8.
    """

    left: int
    top: int
    rgb: RgbImage
    alpha: NDArray[np.uint8]
    nv12: Nv12Image
    half_alpha: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class _Placed:
    """A word of a cue: its font and where its baseline starts, px from the block's corner."""

    text: str
    word: TimedWord
    font: FreeTypeFont
    x: float
    y: float


class SubtitleBurner:
    """Draws cues, each only once, at the bottom of the frame, or at its top when a mouth is there.

    size: of the frames. faces: in the frames. language: BCP 47, of the words.
    karaoke: the word that is being said has another colour.
    """

    def __init__(
        self, size: Size, faces: Sequence[Face], language: str, *, karaoke: bool = False
    ) -> None:
        self._size = size
        self._karaoke = karaoke
        self._fonts = FontFinder(bundled_first=language.lower().partition("-")[0] == "en")
        self._font_px = _font_px(size)
        self._at_top = _mouth_at_bottom(size, faces, self._block_height(2))
        self._drawn: tuple[Cue, int, _Patch | None] | None = None
        self.warnings: list[str] = []

    def draw(self, frame: Frame, cue: Cue, sample: int) -> Frame:
        """The frame with the cue as it is at a sample of the sound; the frame is left as it was."""
        current = -1
        if self._karaoke:
            said = [i for i, word in enumerate(cue.words) if word.start <= sample]
            current = said[-1] if said else -1
        if self._drawn is None or self._drawn[0] is not cue or self._drawn[1] != current:
            self._drawn = cue, current, self._paint(cue, current)
        patch = self._drawn[2]
        return frame if patch is None else replace(frame, image=_blend(frame.image, patch))

    @property
    def _room_px(self) -> float:
        return _room_px(self._size)

    def _block_height(self, lines: int) -> float:
        return self._font_px * _LINE_HEIGHT * lines

    def _paint(self, cue: Cue, current: int) -> _Patch | None:
        font_px = self._font_px
        lines = [self._place(line, font_px) for line in cue.lines]
        widest = max(width for _, width in lines)
        if widest > self._room_px:
            font_px = max(6, int(font_px * self._room_px / widest))
            lines = [self._place(line, font_px) for line in cue.lines]
            widest = max(width for _, width in lines)
        if not any(placed for placed, _ in lines):
            return None
        pad = round(font_px * (_OUTLINE + 2 * _SHADOW)) + 2
        step = font_px * _LINE_HEIGHT
        width, height = round(widest) + 2 * pad, round(step * len(lines)) + 2 * pad
        width, height = width + width % 2, height + height % 2
        left = round((self._size.width - width) / 2)
        margin = _MARGIN * self._size.height
        top = margin - pad if self._at_top else self._size.height - margin - height + pad
        fill, lit, outline = (Image.new("L", (width, height)) for _ in range(3))
        index = -1
        words = list(cue.words)
        for row, (placed, line_width) in enumerate(lines):
            for piece in placed:
                index = words.index(piece.word)
                x = (width - line_width) / 2 + piece.x
                y = pad + row * step + 0.95 * font_px
                target = lit if index == current else fill
                stroke = max(1, round(font_px * _OUTLINE))
                for mask, thickness in ((target, 0), (outline, stroke)):
                    ImageDraw.Draw(mask).text(
                        (x, y), piece.text, 255, piece.font, "ls", stroke_width=thickness
                    )
        patch = _compose(fill, lit, outline, font_px)
        return _inside(patch, left - left % 2, round(top) - round(top) % 2, self._size)

    def _place(self, line: Sequence[TimedWord], font_px: int) -> tuple[list[_Placed], float]:
        """The words of a line from left to right, and the line's width in px."""
        pieces = []
        for text, word in line_pieces(line):
            shown = text.strip()
            font = self._fonts.font(shown, font_px)
            if font is None:
                self._warn(shown)
                shown = self._without_symbols(shown)
                font = self._fonts.font(shown, font_px)
            if font is not None and shown:
                pieces.append((shown, word, font, text != text.lstrip()))
        x = 0.0
        placed: list[_Placed] = []
        for index, piece in enumerate(_visual_order(pieces)):
            shown, word, font, spaced = piece
            x += _BLANK * font_px if index and (spaced or _is_rtl(shown)) else 0.0
            placed.append(_Placed(shown, word, font, x, 0.0))
            x += font.getlength(shown)
        return placed, x

    def _without_symbols(self, word: str) -> str:
        """A word without what no font has, unless those are letters: then nothing of it."""
        missing = [char for char in word if self._fonts.font(char, self._font_px) is None]
        if any(unicodedata.category(char)[0] == "L" for char in missing):
            return ""
        return "".join(char for char in word if char not in missing)

    def _warn(self, word: str) -> None:
        problem = self._fonts.problem(word)
        if problem is not None and not self.warnings:
            self.warnings.append(
                f"some words are missing in the subtitles: {problem}; install a font with them, "
                "or write the subtitles to a file: --subtitles srt"
            )


def columns_for(size: Size) -> int:
    """The longest line that fits into frames of a size, see `media.cues.MAX_COLUMNS`."""
    return min(MAX_COLUMNS, int(_room_px(size) / (_LETTER * _font_px(size))))


def drawing_problem(text: str) -> str | None:
    """Why a text cannot be drawn on this machine, for people; None when it can."""
    return FontFinder(bundled_first=True).problem(text)


def burn(
    frames: Iterator[Frame],
    burner: SubtitleBurner,
    cue_at: Callable[[int], Cue | None],
    fps: Fraction,
    rate_hz: int,
) -> Iterator[Frame]:
    """The frames with their subtitles. cue_at: the cue at a sample; asked in order."""
    for frame in frames:
        sample = int(frame.index * rate_hz / fps)
        cue = cue_at(sample)
        yield frame if cue is None else burner.draw(frame, cue, sample)


def _font_px(size: Size) -> int:
    wanted = min(_SIZE_OF_HEIGHT * size.height, _SIZE_OF_WIDTH * size.width)
    return max(_SMALLEST_PX, round(wanted))


def _room_px(size: Size) -> float:
    return size.width * (1 - 2 * _MARGIN)


def _mouth_at_bottom(size: Size, faces: Sequence[Face], block_px: float) -> bool:
    """Whether subtitles at the bottom would cover a mouth, and those at the top would not."""
    margin = _MARGIN * size.height
    bottom = Box(0, size.height - margin - block_px, size.width, size.height)
    top = Box(0, 0, size.width, margin + block_px)
    mouths = []
    for face in faces:
        lips = face.landmarks[list(_LIPS), :2]
        room = 0.12 * face.box.height  # an open mouth
        mouths.append((float(lips[:, 1].min()), float(lips[:, 1].max()) + room))

    def covered(block: Box) -> bool:
        return any(low < block.bottom and high > block.top for low, high in mouths)

    return covered(bottom) and not covered(top)


_Piece = tuple[str, TimedWord, FreeTypeFont, bool]


def _visual_order(pieces: list[_Piece]) -> list[_Piece]:
    """Words from left to right: in a line that is read from the right, runs of others stay."""
    if not pieces or not _is_rtl("".join(piece[0] for piece in pieces)):
        return pieces
    runs: list[list[_Piece]] = []
    for piece in pieces:
        strong = any(unicodedata.bidirectional(char) in ("L", "EN") for char in piece[0])
        foreign = strong and not _is_rtl(piece[0])
        if foreign and runs and not _is_rtl(runs[-1][0][0]):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    return [piece for run in reversed(runs) for piece in run]


def _is_rtl(text: str) -> bool:
    """Whether the first letter is of a script that is written from right to left."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL", "L"):
            return direction != "L"
    return False


def _compose(
    fill: Image.Image, lit: Image.Image, outline: Image.Image, font_px: int
) -> tuple[RgbImage, NDArray[np.uint8]]:
    """Premultiplied colour and alpha of letters on their outline on its shadow."""
    white, bright, dark = (np.asarray(mask, np.float32) / 255 for mask in (fill, lit, outline))
    shadow = cv2.GaussianBlur(dark, (0, 0), _SHADOW * font_px) * np.float32(_SHADOW_OPACITY)
    letters = np.maximum(white, bright)
    alpha = 1 - (1 - letters) * (1 - dark) * (1 - np.clip(shadow * 1.4, 0, 0.7))
    rgb = bright[..., None] * np.array(_HIGHLIGHT, np.float32)
    rgb = rgb + (letters - bright)[..., None] * np.array(_WHITE, np.float32)
    return np.rint(rgb).astype(np.uint8), np.rint(alpha * 255).astype(np.uint8)


def _inside(drawn: tuple[RgbImage, NDArray[np.uint8]], left: int, top: int, size: Size) -> _Patch:
    """The part of a drawing that is in the frame, in both layouts."""
    rgb, alpha = drawn
    x, y = max(0, -left), max(0, -top)
    right, bottom = min(rgb.shape[1], size.width - left), min(rgb.shape[0], size.height - top)
    rgb = np.ascontiguousarray(rgb[y:bottom, x:right])
    alpha = np.ascontiguousarray(alpha[y:bottom, x:right])
    half = cv2.resize(
        alpha, (alpha.shape[1] // 2, alpha.shape[0] // 2), interpolation=cv2.INTER_AREA
    )
    return _Patch(left + x, top + y, rgb, alpha, rgb_to_nv12(rgb), np.asarray(half, np.uint8))


def _blend(image: RgbImage | Nv12Image, patch: _Patch) -> RgbImage | Nv12Image:
    height, width = patch.alpha.shape
    if not isinstance(image, Nv12Image):
        rgb = image.copy()
        part = rgb[patch.top : patch.top + height, patch.left : patch.left + width]
        keep = cv2.merge([255 - patch.alpha] * 3)
        cv2.add(cv2.multiply(part, keep, scale=1 / 255), patch.rgb, dst=part)
        return rgb
    luma, chroma = image.luma.copy(), image.chroma.copy()
    part = luma[patch.top : patch.top + height, patch.left : patch.left + width]
    # Premultiplied in limited range: black is 16 and neutral is 128, also where nothing is drawn.
    kept = part.astype(np.int16) - 16
    kept = kept.astype(np.int32) * (255 - patch.alpha.astype(np.int32)) // 255
    part[:] = np.clip(kept + patch.nv12.luma, 16, 235).astype(np.uint8)
    top, left = patch.top // 2, patch.left // 2
    tint = chroma[top : top + height // 2, left : left + width // 2]
    share = (255 - patch.half_alpha.astype(np.int32))[..., None]
    kept = (tint.astype(np.int32) - 128) * share // 255
    tint[:] = np.clip(kept + patch.nv12.chroma, 16, 240).astype(np.uint8)
    return Nv12Image(luma, chroma)
