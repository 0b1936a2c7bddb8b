"""Still pictures in: files and arrays -> Picture."""

from __future__ import annotations

import io
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from lipsmith.core.image import Picture, RgbImage
from lipsmith.errors import PictureError
from lipsmith.media.files import check_file, describe
from lipsmith.media.limits import (
    MAX_PICTURE_ASPECT,
    MAX_PICTURE_PIXELS,
    MAX_PICTURE_SIDE_PX,
    MIN_PICTURE_SIDE_PX,
)

_FORMATS = ("JPEG", "PNG", "WEBP", "BMP", "DIB", "TIFF", "GIF", "AVIF", "JPEG2000", "PPM")
_KNOWN = "JPEG, PNG, WebP, BMP, TIFF, GIF, AVIF"
_ANIMATED = ("GIF", "PNG", "WEBP", "AVIF")
_BACKDROP = (226, 226, 226)
"""What stands behind transparent pixels: a light neutral, as in a studio."""


def read_picture(path: Path | str) -> Picture:
    """Read a still picture, upright, in sRGB, on an opaque background.

    A side above 8192 px is shrunk to that. Of an animation the
    first frame is taken, with a warning.

    Raises:
        PictureError: no such file, not a picture, broken, too small, too large.
    """
    path = Path(path)
    head = check_file(path, "picture", PictureError)
    notes: list[str] = []
    with _open(path, head) as image:
        _check_size(image.width, image.height, str(path))
        if image.format in _ANIMATED and getattr(image, "n_frames", 1) > 1:
            notes.append(f"{path.name} is an animation; its first frame is used")
        try:
            image.draft("RGB", (MAX_PICTURE_SIDE_PX, MAX_PICTURE_SIDE_PX))
            image.load()
            upright = _upright(image, notes)
            rgb, alpha = _to_rgb(upright, notes)
        except (OSError, SyntaxError, ValueError, EOFError, IndexError, TypeError) as problem:
            raise PictureError(
                f"{path} is broken or was cut short ({_reason(problem)}); copy or download it again"
            ) from problem
        except MemoryError:
            raise PictureError(f"{path} needs more memory than there is; make it smaller") from None
    return _finish(rgb, alpha, path.name, notes)


def picture_from_array(array: NDArray[Any], name: str = "array") -> Picture:
    """Take (H, W), (H, W, 1), (H, W, 3) or (H, W, 4) of uint8, uint16 or float 0..1.

    Channels are R, G, B and alpha, in this order.

    Raises:
        PictureError: another shape or type, not finite, too small, too large.
    """
    array = np.asarray(array)
    if array.ndim == 2:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
        raise PictureError(
            f"{name} has the shape {array.shape}; a picture is (H, W), (H, W, 3) or (H, W, 4)"
        )
    _check_size(array.shape[1], array.shape[0], name)
    if array.dtype == np.uint16:
        array = _from_16_bits(array)
    elif np.issubdtype(array.dtype, np.floating):
        if not np.isfinite(array).all():
            raise PictureError(f"{name} holds values that are not numbers (NaN or infinite)")
        if array.min() < -0.01 or array.max() > 1.01:
            raise PictureError(
                f"{name} holds floats from {array.min():g} to {array.max():g}; "
                "floats must be 0..1, or convert it to uint8 0..255"
            )
        array = np.rint(np.clip(array, 0, 1) * 255).astype(np.uint8)
    elif array.dtype != np.uint8:
        raise PictureError(f"{name} is of type {array.dtype}; use uint8, uint16 or float 0..1")
    mode = {1: "L", 3: "RGB", 4: "RGBA"}[array.shape[2]]
    pixels = array[:, :, 0] if mode == "L" else array
    rgb, alpha = _to_rgb(Image.fromarray(np.ascontiguousarray(pixels)), [])
    return _finish(rgb, alpha, name, [])


def write_thumbnail(pixels: RgbImage, path: Path, side_px: int = 640) -> None:
    """Write a small JPEG of a picture, whose longer side is at most `side_px`."""
    image = Image.fromarray(pixels)
    image.thumbnail((side_px, side_px), Image.Resampling.LANCZOS)
    image.save(path, "JPEG", quality=85)


def _open(path: Path, head: bytes) -> Image.Image:
    """Read the header only."""
    looks_like = describe(head)
    formats = list(_FORMATS)
    if looks_like == "a HEIC picture":
        if find_spec("pillow_heif") is None:
            raise PictureError(
                f"{path} is a HEIC picture; to read those: pip install 'lipsmith[heic]', "
                "or save it as JPEG"
            )
        import pillow_heif

        pillow_heif.register_heif_opener()
        formats.append("HEIF")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # our own size limit follows
            return Image.open(path, formats=formats)
    except Image.DecompressionBombError:
        raise PictureError(_too_large(str(path))) from None
    except (OSError, SyntaxError, ValueError, EOFError) as problem:
        if looks_like is not None and looks_like.endswith("picture"):
            raise PictureError(
                f"{path} looks like {looks_like}, but it is broken or was cut short; "
                "copy or download it again"
            ) from problem
        seen = f"it looks like {looks_like}; " if looks_like else ""
        raise PictureError(f"{path} is not a picture: {seen}give one of {_KNOWN}") from problem


def _check_size(width: int, height: int, name: str) -> None:
    shorter, longer = sorted((width, height))
    if shorter < MIN_PICTURE_SIDE_PX:
        raise PictureError(
            f"{name} is {width}x{height} px, too small to show a face; "
            f"each side must be at least {MIN_PICTURE_SIDE_PX} px"
        )
    if width * height > MAX_PICTURE_PIXELS:
        raise PictureError(_too_large(name, f" ({width}x{height} px)"))
    if longer > MAX_PICTURE_ASPECT * shorter:
        raise PictureError(
            f"{name} is {width}x{height} px, a strip rather than a portrait; crop it to the face"
        )


def _too_large(name: str, size: str = "") -> str:
    return (
        f"{name} is too large{size}; make it smaller than "
        f"{MAX_PICTURE_PIXELS // 1_000_000} megapixels"
    )


def _upright(image: Image.Image, notes: list[str]) -> Image.Image:
    """Shrink to what a video can show and apply the EXIF orientation."""
    upright = image
    try:
        upright = ImageOps.exif_transpose(image)
    except Exception:  # EXIF is written by anything; a broken one must not cost the picture
        notes.append("the picture's EXIF data is broken; its rotation was ignored")
    if max(upright.size) > MAX_PICTURE_SIDE_PX:
        if upright.mode in ("1", "P"):  # these cannot be averaged
            upright = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
        upright.thumbnail((MAX_PICTURE_SIDE_PX, MAX_PICTURE_SIDE_PX))
    return upright


def _to_rgb(image: Image.Image, notes: list[str]) -> tuple[Image.Image, NDArray[np.uint8] | None]:
    """Any mode -> sRGB on the backdrop, and the alpha when there is one."""
    profile = image.info.get("icc_profile")
    alpha = None
    if image.has_transparency_data:
        image = image.convert("RGBA")
        alpha = image.getchannel("A")
        if alpha.getextrema() == (255, 255):
            alpha = None
        image = image.convert("RGB")
    elif image.mode.startswith("I") or image.mode == "F":
        image = Image.fromarray(_from_deep_grey(np.asarray(image)))
        profile = None
    elif image.mode in ("1", "P"):
        image = image.convert("RGB")
    image = _to_srgb(image, profile, notes)
    if alpha is None:
        return image, None
    backdrop = Image.new("RGB", image.size, _BACKDROP)
    backdrop.paste(image, mask=alpha)
    return backdrop, np.asarray(alpha, np.uint8)


def _to_srgb(image: Image.Image, profile: bytes | None, notes: list[str]) -> Image.Image:
    if profile and image.mode in ("RGB", "L", "CMYK", "LAB"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(source).lower():
                converted = ImageCms.profileToProfile(
                    image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
                )
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            notes.append("the picture's colour profile is broken; its colours may be a little off")
    return image.convert("RGB")


def _from_deep_grey(values: NDArray[Any]) -> NDArray[np.uint8]:
    """16-bit, 32-bit and float greyscale -> 8 bits."""
    if values.dtype == np.uint16 or (values.min() >= 0 and 255 < values.max() <= 65535):
        return _from_16_bits(values)
    deep = np.nan_to_num(values.astype(np.float64))
    if deep.min() >= 0 and deep.max() <= 1 and values.dtype.kind == "f":
        return np.rint(deep * 255).astype(np.uint8)
    if deep.min() >= 0 and deep.max() <= 255:
        return np.rint(deep).astype(np.uint8)
    low, high = float(deep.min()), float(deep.max())
    return np.rint((deep - low) * (255 / max(high - low, 1e-9))).astype(np.uint8)


def _from_16_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    return ((values.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _finish(
    rgb: Image.Image, alpha: NDArray[np.uint8] | None, name: str, notes: list[str]
) -> Picture:
    if alpha is not None and not alpha.any():
        raise PictureError(f"{name} is fully transparent; there is nothing to see in it")
    pixels: RgbImage = np.array(rgb, np.uint8, order="C")
    return Picture(pixels, name, alpha, tuple(notes))


def _reason(problem: BaseException) -> str:
    return str(problem).strip().rstrip(".") or type(problem).__name__
