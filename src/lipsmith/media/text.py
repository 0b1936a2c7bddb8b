"""Texts in: files and strings -> what to say."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from lipsmith.errors import TextError

MAX_TEXT_CHARACTERS = 5_000_000
"""About a hundred hours of speech."""
_MAX_TEXT_BYTES = 4 * MAX_TEXT_CHARACTERS
_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85"


def read_text(path: Path) -> str:
    """Read a text file: UTF-8, or UTF-16 with a byte order mark.

    Raises:
        TextError: no such file, not a text, or nothing in it to say.
    """
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise TextError(f"{path} is a folder, not a text file")
        if size > _MAX_TEXT_BYTES:
            raise TextError(_too_long(str(path)))
        data = path.read_bytes()
    except FileNotFoundError:
        raise TextError(f"{path}: no such file") from None
    except OSError as error:
        raise TextError(f"{path} cannot be read: {error.strerror or error}") from error
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise TextError(f"{path} is not a text in UTF-8; save it as UTF-8 and try again") from None
    return check_text(text, str(path))


def check_text(text: str, name: str = "the text") -> str:
    """The text itself, when it can be said; `name` is what messages call it.

    Raises:
        TextError: empty, too long, or with control characters.
    """
    if len(text) > MAX_TEXT_CHARACTERS:
        raise TextError(_too_long(name))
    if not text.strip(" \N{BYTE ORDER MARK}" + _SPACES):
        raise TextError(f"{name} is empty; give something to say")
    for match in re.finditer(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", text):
        if match[0] not in _SPACES:
            raise TextError(
                f"{name} has a control character (U+{ord(match[0]):04X} at character "
                f"{match.start() + 1}); is it really a text?"
            )
    return text


def _too_long(name: str) -> str:
    return (
        f"{name} is longer than {MAX_TEXT_CHARACTERS:,} characters; "
        "split it and make several videos"
    )
