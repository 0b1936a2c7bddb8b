"""Maps between frame and source."""

from __future__ import annotations

import numpy as np

from lipsmith.core.image import Nv12Image
from lipsmith.engines.rig.layers import FaceGrid, Rect
from lipsmith.engines.rig.source import double, prepare_source, triple
from lipsmith.engines.rig.warp import (
    Canvas,
    Layer,
    cover,
    fetch,
    invert,
    keep_inside,
    node_identity,
    to_picture,
    upsample,
)


def test_inverse_undoes_the_field() -> None:
    rows, columns = 40, 50
    at = node_identity(rows, columns)
    x, y = at[..., 0], at[..., 1]
    bump = 4.0 * np.exp(-((x - 25) ** 2 + (y - 20) ** 2) / 150)
    field = np.dstack([0.3 * bump, bump]).astype(np.float32)
    back = invert(field, 12)
    there = at - back
    assert np.abs(there + fetch(field, there) - at)[5:-5, 5:-5].max() < 0.02


def test_upsampled_identity_gives_every_pixel_its_own_place() -> None:
    rect = Rect(10, 20, 62, 34)
    grid = cover(rect, 8)
    nodes = to_picture(grid, node_identity(grid.rows, grid.columns))
    for area in (rect, Rect(12, 22, 10, 8)):
        full = upsample(grid, nodes, area)
        x, y = np.meshgrid(np.arange(area.left, area.right), np.arange(area.top, area.bottom))
        assert np.abs(full - np.dstack([x, y])).max() < 1e-4


def test_map_never_leaves_the_picture_and_stays_where_nothing_moves() -> None:
    grid = FaceGrid(left=0.0, top=0.0, step=1.0, columns=400, rows=300)
    nodes = node_identity(300, 400)
    back = np.empty_like(nodes)
    back[...] = -6.0, 5.0
    kept = nodes - keep_inside(grid, back, 400, 300)
    assert kept.min() > -0.01
    assert kept[..., 0].max() < 399.01
    assert kept[..., 1].max() < 299.01
    assert np.abs((nodes - kept - back)[120:180, 160:240]).max() < 0.02
    assert np.abs(keep_inside(grid, np.zeros_like(nodes), 400, 300)).max() < 1e-5


def test_doubling_keeps_the_pixels() -> None:
    luma = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
    fine = double(luma)
    assert fine.shape == (40, 60)
    assert np.array_equal(fine[::2, ::2], luma)


def test_doubling_a_ramp_fills_in_its_middles() -> None:
    luma = np.tile(np.arange(0, 200, 10, dtype=np.uint8), (8, 1))
    fine = double(luma)
    assert np.abs(fine[0, 7:-8:2].astype(int) - (luma[0, 3:-4].astype(int) + 5)).max() <= 1


def test_tripling_keeps_the_samples() -> None:
    chroma = np.random.default_rng(0).integers(0, 256, (10, 15, 2), dtype=np.uint8)
    fine = np.ascontiguousarray(triple(chroma)[1::3, 1::3])
    assert np.array_equal(fine[..., None].view(np.uint8), chroma)


def test_a_shift_by_whole_pixels_moves_them_unchanged() -> None:
    rng = np.random.default_rng(0)
    luma = rng.integers(16, 236, (60, 80), dtype=np.uint8)
    chroma = rng.integers(16, 240, (30, 40, 2), dtype=np.uint8)
    rect, area = Rect(0, 0, 80, 60), Rect(10, 12, 40, 30)
    grid = cover(rect, 8)
    back = np.empty((grid.rows, grid.columns, 2), np.float32)
    back[...] = 4.0, -2.0
    canvas = Canvas.of(prepare_source(Nv12Image(luma, chroma), rect))
    roughly, finely = (Nv12Image(luma.copy(), chroma.copy()) for _ in range(2))
    canvas.render(Layer(rect, grid, back), [area], roughly)
    canvas.render_finely(Layer(area, grid, back), finely)
    for frame in (roughly, finely):
        assert np.array_equal(frame.luma[12:42, 10:50], luma[14:44, 6:46])
        assert np.array_equal(frame.chroma[6:21, 5:25], chroma[7:22, 3:23])
        assert np.array_equal(frame.luma[:12], luma[:12])
