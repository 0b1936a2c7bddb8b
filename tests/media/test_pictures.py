from __future__ import annotations

import io
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from lipsmith.errors import PictureError
from lipsmith.media.pictures import picture_from_array, read_picture


@pytest.fixture
def image(portrait_path: Path) -> Image.Image:
    with Image.open(portrait_path) as whole:
        return whole.convert("RGB").resize((96, 128))


LOSSY = 8.0
"""Mean difference in grey levels that lossy formats make of a small, busy picture."""


def difference(a: object, b: object) -> float:
    return float(np.abs(np.asarray(a, np.int16) - np.asarray(b, np.int16)).mean())


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "bmp", "tif", "gif", "avif"])
def test_reads_the_common_formats(tmp_path: Path, image: Image.Image, suffix: str) -> None:
    image.save(tmp_path / f"face.{suffix}")
    picture = read_picture(tmp_path / f"face.{suffix}")
    assert picture.pixels.shape == (128, 96, 3)
    assert picture.pixels.flags.c_contiguous
    assert difference(picture.pixels, image) < LOSSY
    assert picture.alpha is None
    assert picture.warnings == ()


def test_the_suffix_does_not_matter(tmp_path: Path, image: Image.Image) -> None:
    image.save(tmp_path / "face.doc", format="PNG")
    assert difference(read_picture(tmp_path / "face.doc").pixels, image) == 0


@pytest.mark.parametrize("mode", ["L", "LA", "P", "CMYK", "RGBA", "1"])
def test_every_mode_becomes_rgb(tmp_path: Path, image: Image.Image, mode: str) -> None:
    image.convert(mode).save(tmp_path / "face.tif" if mode == "CMYK" else tmp_path / "face.png")
    picture = read_picture(next(tmp_path.glob("face.*")))
    assert difference(picture.pixels, image.convert(mode).convert("RGB")) < 1
    assert picture.alpha is None, "opaque pictures have no alpha"


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_16_bit_greyscale_keeps_its_tones(tmp_path: Path, image: Image.Image, suffix: str) -> None:
    grey = np.asarray(image.convert("L"))
    Image.fromarray(grey.astype(np.uint16) * 257).save(tmp_path / f"deep.{suffix}")
    assert difference(read_picture(tmp_path / f"deep.{suffix}").pixels[:, :, 1], grey) == 0


def test_float_tiff_keeps_its_tones(tmp_path: Path, image: Image.Image) -> None:
    grey = np.asarray(image.convert("L"))
    Image.fromarray(grey.astype(np.float32) / 255).save(tmp_path / "deep.tif")
    assert difference(read_picture(tmp_path / "deep.tif").pixels[:, :, 1], grey) == 0


def test_exif_rotation_is_applied(tmp_path: Path, image: Image.Image) -> None:
    exif = image.getexif()
    exif[0x0112] = 6  # the camera was turned by 90 degrees
    turned = image.transpose(Image.Transpose.ROTATE_90)
    turned.save(tmp_path / "phone.jpg", exif=exif, quality=95)
    assert difference(read_picture(tmp_path / "phone.jpg").pixels, image) < LOSSY


@pytest.mark.parametrize("suffix", ["png", "webp", "gif"])
def test_transparent_parts_become_a_light_neutral(
    tmp_path: Path, image: Image.Image, suffix: str
) -> None:
    image.putalpha(Image.new("L", image.size, 255))
    image.paste((9, 9, 9, 0), (0, 0, 40, 40))
    image.save(tmp_path / f"cut.{suffix}")
    picture = read_picture(tmp_path / f"cut.{suffix}")
    corner = picture.pixels[5:35, 5:35].reshape(-1, 3)
    assert corner.min() > 200 and np.ptp(corner) == 0
    assert picture.alpha is not None
    assert picture.alpha[10, 10] == 0 and picture.alpha[100, 80] == 255


def test_fully_transparent_is_refused(tmp_path: Path) -> None:
    Image.new("RGBA", (80, 80)).save(tmp_path / "nothing.png")
    with pytest.raises(PictureError, match="transparent"):
        read_picture(tmp_path / "nothing.png")


def test_colour_profiles_are_converted_to_srgb(tmp_path: Path, image: Image.Image) -> None:
    lab = ImageCms.createProfile("LAB")
    converted = ImageCms.profileToProfile(
        image, ImageCms.createProfile("sRGB"), lab, outputMode="LAB"
    )
    assert converted is not None
    profile = ImageCms.ImageCmsProfile(lab).tobytes()
    converted.save(tmp_path / "lab.tif", icc_profile=profile)
    assert difference(read_picture(tmp_path / "lab.tif").pixels, image) < 1.5


def test_a_broken_colour_profile_is_only_a_warning(tmp_path: Path, image: Image.Image) -> None:
    image.save(tmp_path / "face.png", icc_profile=b"no profile at all" * 20)
    picture = read_picture(tmp_path / "face.png")
    assert difference(picture.pixels, image) == 0
    assert "colour profile" in picture.warnings[0]


@pytest.mark.parametrize("suffix", ["gif", "webp", "png"])
def test_of_an_animation_the_first_frame_is_used(
    tmp_path: Path, image: Image.Image, suffix: str
) -> None:
    path = tmp_path / f"moving.{suffix}"
    image.save(path, save_all=True, append_images=[Image.new("RGB", image.size, "red")])
    picture = read_picture(path)
    assert difference(picture.pixels, image) < LOSSY
    assert "first frame" in picture.warnings[0]


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_huge_pictures_are_shrunk(tmp_path: Path, suffix: str) -> None:
    Image.new("L", (9000, 4500), 99).save(tmp_path / f"huge.{suffix}")
    picture = read_picture(tmp_path / f"huge.{suffix}")
    assert (picture.width, picture.height) == (8192, 4096)
    assert (picture.pixels == 99).all()


@pytest.mark.parametrize(
    ("size", "message"),
    [((1, 1), "too small"), ((640, 63), "too small"), ((800, 80), "strip")],
)
def test_sizes_that_show_no_face(tmp_path: Path, size: tuple[int, int], message: str) -> None:
    Image.new("RGB", size).save(tmp_path / "odd.png")
    with pytest.raises(PictureError, match=message):
        read_picture(tmp_path / "odd.png")


@pytest.mark.parametrize("side", [10_001, 40_000])
def test_decompression_bombs_are_refused_unopened(tmp_path: Path, side: int) -> None:
    Image.new("L", (64, 64)).save(tmp_path / "small.png")
    data = bytearray((tmp_path / "small.png").read_bytes())
    data[16:24] = side.to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    (tmp_path / "bomb.png").write_bytes(data)
    with pytest.raises(PictureError, match=r"bomb\.png is too large.*100 megapixels"):
        read_picture(tmp_path / "bomb.png")


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "avif"])
@pytest.mark.parametrize("share", [0.02, 0.6])
def test_truncated_pictures_are_refused(
    tmp_path: Path, image: Image.Image, suffix: str, share: float
) -> None:
    buffer = io.BytesIO()
    image.save(buffer, format={"jpg": "jpeg"}.get(suffix, suffix))
    data = buffer.getvalue()
    (tmp_path / f"half.{suffix}").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(PictureError, match=r"broken or was cut short"):
        read_picture(tmp_path / f"half.{suffix}")


@pytest.mark.parametrize(
    ("content", "looks_like"),
    [
        (b"%PDF-1.7 and so on", "a PDF document"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x"/>', "an SVG drawing"),
        (b"<!DOCTYPE html><html></html>", "a web page"),
        (b"\0\0\0\x18ftypisom\0\0\0\0", "an MP4 video"),
        (b"ID3\x04\0\0", "an MP3 recording"),
        (b"just some words\n", "a text file"),
    ],
)
def test_says_what_it_is_instead_of_a_picture(
    tmp_path: Path, content: bytes, looks_like: str
) -> None:
    (tmp_path / "face.jpg").write_bytes(content)
    with pytest.raises(PictureError, match=rf"face\.jpg is not a picture.*{looks_like}"):
        read_picture(tmp_path / "face.jpg")


def test_heic_works_or_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lipsmith.media.pictures.find_spec", lambda name: None)
    (tmp_path / "face.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")
    with pytest.raises(PictureError, match=r"pip install 'lipsmith\[heic\]'"):
        read_picture(tmp_path / "face.jpg")


def test_reads_heic(tmp_path: Path, image: Image.Image) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.from_pillow(image).save(tmp_path / "face.heic")
    assert difference(read_picture(tmp_path / "face.heic").pixels, image) < LOSSY


def test_things_that_are_no_files(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match="no such file"):
        read_picture(tmp_path / "missing.png")
    with pytest.raises(PictureError, match="is a folder"):
        read_picture(tmp_path)
    (tmp_path / "empty.png").touch()
    with pytest.raises(PictureError, match="is empty"):
        read_picture(tmp_path / "empty.png")
    with pytest.raises(PictureError, match="not a plain file"):
        read_picture("/dev/zero")
    with pytest.raises(PictureError, match="cannot read"):
        read_picture(tmp_path / ("x" * 300))


def test_arrays_of_every_type_mean_the_same(image: Image.Image) -> None:
    pixels = np.asarray(image)
    for same in (pixels, pixels.astype(np.uint16) * 257, pixels / 255, pixels[::-1][::-1]):
        assert difference(picture_from_array(same).pixels, pixels) == 0
    grey = pixels[:, :, 0]
    for same in (grey, grey[:, :, None]):
        assert difference(picture_from_array(same).pixels, np.dstack([grey] * 3)) == 0
    half = np.where(np.arange(128)[:, None] < 64, 255, 0).repeat(96, 1).astype(np.uint8)
    cut = picture_from_array(np.dstack([pixels, half]))
    assert difference(cut.pixels[:64], pixels[:64]) == 0
    assert cut.alpha is not None and difference(cut.alpha, half) == 0


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 128, 128), np.uint8), "shape"),
        (np.zeros((128, 128, 3), np.int64), "type int64"),
        (np.full((128, 128, 3), 200.0), "floats must be 0..1"),
        (np.full((128, 128), np.nan), "not numbers"),
        (np.zeros((8, 8, 3), np.uint8), "too small"),
    ],
)
def test_arrays_that_are_no_pictures(array: np.ndarray, message: str) -> None:
    with pytest.raises(PictureError, match=message):
        picture_from_array(array)
