"""What a file is, by its first bytes and never by its suffix."""

from __future__ import annotations

from pathlib import Path

from lipsmith.errors import InputError

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\xd8\xff", "a JPEG picture"),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (0, b"GIF8", "a GIF picture"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\x00", "a TIFF picture"),
    (0, b"MM\x00*", "a TIFF picture"),
    (8, b"WEBP", "a WebP picture"),
    (8, b"WAVE", "a WAV recording"),
    (8, b"AVI ", "an AVI video"),
    (4, b"ftypavis", "an AVIF picture"),
    (4, b"ftyphei", "a HEIC picture"),
    (4, b"ftyphev", "a HEIC picture"),
    (4, b"ftypmif1", "a HEIC picture"),
    (4, b"ftypmsf1", "a HEIC picture"),
    (4, b"ftypM4A", "an M4A recording"),
    (4, b"ftyp", "an MP4 video"),
    (4, b"moov", "a QuickTime video"),
    (0, b"\x1aE\xdf\xa3", "a WebM or Matroska video"),
    (0, b"OggS", "an Ogg recording"),
    (0, b"fLaC", "a FLAC recording"),
    (0, b"ID3", "an MP3 recording"),
    (0, b"\xff\xfb", "an MP3 recording"),
    (0, b"%PDF", "a PDF document"),
    (0, b"8BPS", "a Photoshop document"),
    (0, b"%!PS", "a PostScript document"),
    (0, b"PK\x03\x04", "a ZIP archive or an office document"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
)


def check_file(path: Path, what: str, error: type[InputError]) -> bytes:
    """Make sure that `path` is a plain file with something in it; return its first 512 bytes.

    what: "picture" or "recording", for the message.

    Raises:
        error: no such file, a folder, a device, empty, or not readable.
    """
    try:
        if path.is_dir():
            raise error(f"{path} is a folder, not a {what}")
        if not path.exists():
            raise error(f"no such file: {path}")
        if not path.is_file():
            raise error(f"{path} is not a plain file; save the {what} to a file first")
        with path.open("rb") as file:
            head = file.read(512)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise error(f"cannot read {path}: {reason}") from problem
    if not head:
        raise error(f"{path} is empty, 0 bytes; save or download the {what} again")
    return head


def describe(head: bytes) -> str | None:
    """What the first bytes of a file look like, as "a PDF document"; None when unknown."""
    if head[4:8] == b"ftyp" and b"avif" in head[8:40]:  # may come after a general brand
        return "an AVIF picture"
    for offset, signature, name in _SIGNATURES:
        if head[offset:].startswith(signature):
            return name
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text):
        return "an SVG drawing"
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page"
    if b"\x00" not in head and all(byte >= 32 or byte in b"\t\r\n\f\x1b" for byte in head):
        return "a text file"
    return None
