"""Pictures of any size through a network that takes one size: tiles that overlap and fade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class TileShape:
    """side: of the tiles that the network takes, px, even. margin: px at the edges of a tile that
    are not trusted, unless it is the picture's edge. factor: by which the network enlarges."""

    side: int
    margin: int
    factor: int


class TiledNetwork:
    """Enlarges pictures of one size, tile by tile.

    Tiles that look as they did in the picture before are not computed again. Two tiles overlap by
    three margins or more, and in the middle third of that one fades into the other: what comes out
    is what the network would make of the whole picture, if it does not look farther than a margin.
    """

    def __init__(
        self,
        network: Callable[[NDArray[np.float32]], NDArray[np.float32]],
        shape: TileShape,
        height: int,
        width: int,
        batch: int,
    ) -> None:
        """network: (n, 3, side, side) -> (n, 3, factor * side, factor * side) float32.
        height, width: of the pictures, px. batch: tiles at once."""
        self._network, self._shape, self._batch = network, shape, batch
        self._rows, self._columns = (_starts(each, shape) for each in (height, width))
        self._padding = [(0, max(0, shape.side - each)) for each in (height, width)]
        padded = [
            each + after for each, (_, after) in zip((height, width), self._padding, strict=True)
        ]
        self._weights = [
            _shares(starts, length, shape)
            for starts, length in zip((self._rows, self._columns), padded, strict=True)
        ]
        self._out = (height * shape.factor, width * shape.factor)
        self._seen: list[NDArray[np.float32] | None] = [None] * self.count
        side = shape.side * shape.factor
        self._made = np.zeros((self.count, 3, side, side), np.float16)
        self.computed = 0

    @property
    def count(self) -> int:
        """Tiles of a picture. `computed` counts those that went through the network."""
        return len(self._rows) * len(self._columns)

    def __call__(self, picture: NDArray[np.float32]) -> NDArray[np.float32]:
        """(3, height, width) float32 0..1 -> (3, factor * height, factor * width) float32."""
        picture = np.pad(picture, [(0, 0), *self._padding], "reflect")
        self._compute(picture)
        side = self._shape.side * self._shape.factor
        whole = np.zeros((3, *(each.shape[1] for each in self._weights)), np.float32)
        for index, (y, x) in enumerate(self._places()):
            top, left = y * self._shape.factor, x * self._shape.factor
            row, column = divmod(index, len(self._columns))
            down = self._weights[0][row, top : top + side, None]
            across = self._weights[1][column, left : left + side]
            part = whole[:, top : top + side, left : left + side]
            part += self._made[index] * (down * across)
        return whole[:, : self._out[0], : self._out[1]]

    def _compute(self, picture: NDArray[np.float32]) -> None:
        side = self._shape.side
        tiles = [picture[:, y : y + side, x : x + side] for y, x in self._places()]
        stale = []
        for index, tile in enumerate(tiles):
            seen = self._seen[index]
            if seen is None or not np.array_equal(seen, tile):
                stale.append(index)
                self._seen[index] = tile.copy()
        for start in range(0, len(stale), self._batch):
            chosen = stale[start : start + self._batch]
            self._made[chosen] = self._network(np.stack([tiles[index] for index in chosen]))
        self.computed += len(stale)

    def _places(self) -> list[tuple[int, int]]:
        return [(y, x) for y in self._rows for x in self._columns]


def _starts(length: int, shape: TileShape) -> list[int]:
    """Where tiles begin that cover a length, evenly spread, at even px."""
    overlap = 3 * shape.margin
    room = max(0, length - shape.side)
    count = 1 + -(-room // (shape.side - overlap))
    starts = [int(start) // 2 * 2 for start in np.linspace(0, room, count)]
    return [*starts[:-1], room]


def _shares(starts: list[int], length: int, shape: TileShape) -> NDArray[np.float32]:
    """(tiles, factor * length) 0..1, together 1: how much of each place is taken from each tile."""
    shares = np.ones((len(starts), length * shape.factor), np.float32)
    places = np.arange(length * shape.factor, dtype=np.float32) + 0.5
    for index, (before, after) in enumerate(pairwise(starts)):
        third = (before + shape.side - after) * shape.factor / 3
        share = ((places - after * shape.factor) / third - 1).clip(0, 1)
        shares[index] *= 1 - share
        shares[index + 1] *= share
    for index, start in enumerate(starts):
        shares[index, : start * shape.factor] = 0
        shares[index, (start + shape.side) * shape.factor :] = 0
    return shares
