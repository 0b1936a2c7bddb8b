"""Which font can draw a text: the one that comes with Pillow, and what the system has."""

from __future__ import annotations

import os
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from PIL import ImageFont, features
from PIL.ImageFont import FreeTypeFont

_SUFFIXES = (".ttf", ".otf", ".ttc")
_FAMILIES = (
    "notosans-", "notosans", "dejavusans", "segoeui", "arial", "liberationsans", "roboto",
    "opensans", "ubuntu", "helvetica", "sfns", "notosanscjk", "droidsans", "sans", "gothic",
)  # fmt: skip
"""Plain faces first; by the start of the file's name, or for the last ones anywhere in it."""

_UNFIT = (
    "italic", "oblique", "mono", "symbol", "emoji", "math", "condensed", "narrow", "extra",
    "thin", "light", "black", "bold", "serif", "ornament", "dingbat", "lastresort",
)  # fmt: skip
_MOST_FONTS = 400
_NO_CHARACTER = "\U0010fffe"
_SHAPED = (
    "ARABIC", "HEBREW", "SYRIAC", "THAANA", "NKO", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI",
    "ORIYA", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "THAI", "LAO", "TIBETAN",
    "MYANMAR", "KHMER", "MONGOLIAN",
)  # fmt: skip
"""First words of the Unicode names of letters whose shape or order depends on their neighbours."""


class FontFinder:
    """Finds fonts for words. bundled_first: prefer Pillow's own font, which has English letters."""

    def __init__(self, bundled_first: bool) -> None:
        self._bundled_first = bundled_first
        self._found: dict[frozenset[str], Path | None] = {}
        self._missing: set[frozenset[str]] = set()

    def font(self, text: str, size_px: int) -> FreeTypeFont | None:
        """A font that has every letter of the text; None when there is none."""
        needed = frozenset(char for char in text if not char.isspace() and not _is_invisible(char))
        if needed not in self._found and needed not in self._missing:
            for path in self._candidates():
                if _covers(path, needed):
                    self._found[needed] = path
                    break
            else:
                self._missing.add(needed)
        if needed in self._missing:
            return None
        return _open(self._found[needed], size_px)

    def problem(self, text: str) -> str | None:
        """Why a text cannot be drawn, for people; None when it can."""
        for letters in sorted({_script(char) for char in text if char.isalpha()}):
            sample = "".join(sorted({c for c in text if c.isalpha() and _script(c) == letters}))
            if letters in _SHAPED and not features.check("raqm"):
                return f"{letters.title()} letters need Pillow with raqm, which is not in this one"
            if any(self.font(char, 16) is None for char in sample):
                return f"no font on this system has these {letters.title()} letters"
        return None

    def _candidates(self) -> Iterator[Path | None]:
        """Fonts in the order in which they are tried; None is Pillow's own."""
        if self._bundled_first:
            yield None
        # One font for a whole video looks better than one a word.
        used = [path for path in dict.fromkeys(self._found.values()) if path is not None]
        yield from used
        yield from (path for path in system_fonts() if path not in used)
        if not self._bundled_first:
            yield None


@cache
def system_fonts() -> tuple[Path, ...]:
    """The font files of this system, the plainest first."""
    found: dict[str, Path] = {}
    for folder in _folders():
        if folder.is_dir():
            for path in sorted(folder.rglob("*")):
                if path.suffix.lower() in _SUFFIXES:
                    found.setdefault(path.name, path)
    return tuple(sorted(found.values(), key=_rank)[:_MOST_FONTS])


def _folders() -> list[Path]:
    home = Path.home()
    if sys.platform == "win32":
        local = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
        windows = Path(os.environ.get("WINDIR", "C:/Windows"))
        return [windows / "Fonts", local / "Microsoft" / "Windows" / "Fonts"]
    if sys.platform == "darwin":
        return [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library" / "Fonts"]
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    shared = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    return [home / ".fonts", data / "fonts", *(Path(folder, "fonts") for folder in shared)]


def _rank(path: Path) -> tuple[int, int, str]:
    name = path.stem.lower().replace(" ", "")
    unfit = sum(word in name for word in _UNFIT)
    starts = [index for index, family in enumerate(_FAMILIES) if name.startswith(family)]
    inside = [len(_FAMILIES) + index for index, f in enumerate(_FAMILIES[-3:]) if f in name]
    return unfit, min([*starts, *inside, 2 * len(_FAMILIES)]), name


@cache
def _open(path: Path | None, size_px: int) -> FreeTypeFont | None:
    try:
        if path is not None:
            return ImageFont.truetype(str(path), size_px)
        bundled = ImageFont.load_default(size_px)
    except OSError:
        return None
    return bundled if isinstance(bundled, FreeTypeFont) else None


@cache
def _covers(path: Path | None, needed: frozenset[str]) -> bool:
    """Whether a font draws something of its own for every character."""
    font = _open(path, 16)
    if font is None:
        return False
    nothing = _drawn(font, _NO_CHARACTER)
    return all(_drawn(font, char) not in (nothing, b"") for char in needed)


def _drawn(font: FreeTypeFont, char: str) -> bytes:
    mask = font.getmask(char)
    return bytes(mask) if mask.size[0] and mask.size[1] else b""


def _is_invisible(char: str) -> bool:
    """Marks are drawn on letters; what has no shape needs no font."""
    return unicodedata.category(char) in ("Mn", "Me", "Cf", "Cc", "Cn")


def _script(char: str) -> str:
    return unicodedata.name(char, "unknown").partition(" ")[0]
