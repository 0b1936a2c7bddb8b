"""What the network draws is put back without a seam."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from scenes import off

from lipsmith.core.options import CropOptions
from lipsmith.core.portrait import Portrait
from lipsmith.engines.wav2lip.crop import FIRST_ROW, CropBox, crop_box
from lipsmith.engines.wav2lip.paste import Place, find_place, put_back

MOUTH = (61, 291, 13, 14, 0, 17)


def _place(portrait: Portrait, scale: float = 1.0) -> tuple[Place, np.ndarray]:
    size = round(512 * scale)
    pixels = cv2.resize(portrait.pixels, (size, size), interpolation=cv2.INTER_CUBIC)
    landmarks = portrait.face.landmarks * scale
    face = crop_box(portrait.face, CropOptions(), 512, 512)
    assert face is not None
    edges = (face.left, face.top, face.right, face.bottom)
    box = CropBox(*(round(edge * scale) for edge in edges))
    return find_place(pixels, box, landmarks), pixels


def _lower_mouth(place: Place, lip_y: float, px: float) -> np.ndarray:
    """A drawing in which everything from the lips down has moved down by so many of the 96 px."""
    rows, columns = np.mgrid[0:96, 0:96].astype(np.float32)
    lip = (lip_y - place.box.top) / place.box.height * 96
    above = (rows - np.float32(px) * (rows > lip)).astype(np.float32)
    moved = cv2.remap(place.shown, columns, above, cv2.INTER_LINEAR)
    return np.ascontiguousarray(moved[FIRST_ROW:])


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.5])
def test_a_network_that_changes_nothing_changes_no_pixel(portrait: Portrait, scale: float) -> None:
    place, pixels = _place(portrait, scale)
    made = put_back(place, place.shown[FIRST_ROW:])
    assert off(made, place.rows.of(pixels)) <= 1


@pytest.mark.parametrize("cast", [(1.06, 1.0, 0.94), (0.9, 0.9, 0.9)])
def test_other_colours_blur_and_noise_leave_no_trace(
    portrait: Portrait, cast: tuple[float, ...]
) -> None:
    place, pixels = _place(portrait)
    rng = np.random.default_rng(0)
    drawn = cv2.GaussianBlur(place.shown, (0, 0), 0.5) * np.array(cast, np.float32) + 0.01
    drawn = np.clip(drawn + rng.normal(0, 0.004, drawn.shape), 0, 1).astype(np.float32)
    plain = np.rint(255 * cv2.resize(drawn, (place.box.width, place.box.height))).astype(np.uint8)
    plain = plain[-place.rows.height :]
    made, picture = put_back(place, drawn[FIRST_ROW:]), place.rows.of(pixels)
    seen = np.abs(made.astype(float) - picture).mean()
    assert seen < 0.15 * np.abs(plain.astype(float) - picture).mean()
    smooth = [cv2.GaussianBlur(each, (0, 0), 6).astype(int) for each in (made, picture)]
    assert np.abs(smooth[0] - smooth[1]).max() <= 4


def test_the_edges_of_the_crop_never_change(portrait: Portrait) -> None:
    place, pixels = _place(portrait)
    wild = np.random.default_rng(1).random((96 - FIRST_ROW, 96, 3), np.float32)
    made, picture = put_back(place, wild), place.rows.of(pixels)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert off(made[edge], picture[edge]) <= 1


def test_the_mouth_and_the_chin_change_and_the_eyes_do_not(portrait: Portrait) -> None:
    place, pixels = _place(portrait)
    points = portrait.face.landmarks[:, :2] - (place.rows.left, place.rows.top)
    for index in MOUTH:
        x, y = np.rint(points[index]).astype(int)
        assert place.mask[y, x] > 0.9, index
    assert place.rows.top > portrait.face.landmarks[[145, 374], 1].max()
    made = put_back(place, _lower_mouth(place, portrait.face.landmarks[13, 1], 4))
    picture = place.rows.of(pixels)
    x, y = np.rint(points[14]).astype(int)
    near = np.s_[y - 4 : y + 12, x - 12 : x + 12]
    assert np.abs(made[near].astype(int) - picture[near]).mean() > 4


def test_a_new_mouth_is_as_sharp_and_grainy_as_the_old_one(portrait: Portrait) -> None:
    place, pixels = _place(portrait, 2.0)
    noise = np.random.default_rng(2).normal(0, 4, pixels.shape)
    grainy = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    place = find_place(grainy, place.box, portrait.face.landmarks * 2)
    lip_y = 2 * portrait.face.landmarks[13, 1]
    made = put_back(place, _lower_mouth(place, lip_y, 4)).astype(np.float32)
    changed = place.mask > 0.95

    def grain(picture: np.ndarray) -> float:
        fine = picture - cv2.GaussianBlur(picture, (0, 0), 1.5)
        return float(np.median(np.abs(fine.mean(2)[changed])))

    old = grain(place.rows.of(grainy).astype(np.float32))
    assert 0.5 * old < grain(made) < 1.6 * old


def test_what_stands_before_the_face_stays_in_front(portrait: Portrait) -> None:
    place, pixels = _place(portrait)
    visible = np.full(pixels.shape[:2], 255, np.uint8)
    hand = CropBox(place.rows.left, place.rows.top + 50, place.rows.left + 60, place.rows.bottom)
    hand.of(visible)[:] = 0
    place = find_place(pixels, place.box, portrait.face.landmarks, visible=visible)
    wild = np.random.default_rng(1).random((96 - FIRST_ROW, 96, 3), np.float32)
    made, picture = put_back(place, wild), place.rows.of(pixels)
    assert off(made[55:, :50], picture[55:, :50]) <= 1
    assert off(made[:, 70:], picture[:, 70:]) > 30
