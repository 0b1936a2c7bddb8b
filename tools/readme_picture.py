"""Draws the picture at the top of the README: frames of the sample portrait saying something.

python tools/readme_picture.py docs/media/demo.png
"""

from __future__ import annotations

import sys
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
from PIL import Image

import lipsmith
from lipsmith.cli.demo import DEMO_TEXT

COLUMNS, ROWS = 6, 2
TILE_PX = 170
FACE_SHARE = 0.55
CHIN_MARGIN = 0.12
COLOURS = 256
MOUTH = (50, 100, 120, 160)


def most_different(pictures: list[Image.Image], count: int) -> list[Image.Image]:
    """One picture of each of `count` stretches, its mouth as unlike the last one's as there is."""
    pixels = np.stack([np.asarray(picture.crop(MOUTH), np.float32) for picture in pictures])
    chosen = [0]
    for stretch in np.array_split(np.arange(1, len(pictures)), count - 1):
        difference = np.abs(pixels[stretch] - pixels[chosen[-1]]).mean((1, 2, 3))
        chosen.append(int(stretch[difference.argmax()]))
    return [pictures[index] for index in chosen]


def main(destination: Path) -> None:
    from lipsmith.faces import find_faces
    from lipsmith.media.pictures import read_picture

    with as_file(files("lipsmith") / "assets" / "portrait.png") as portrait:
        box = find_faces(read_picture(portrait))[0].box
        with lipsmith.stream(portrait, text=DEMO_TEXT, voice="en-us") as stream:
            frames = [frame.image for frame in stream]
    side = box.height / FACE_SHARE
    left = (box.left + box.right - side) / 2
    top = max(0.0, box.bottom + CHIN_MARGIN * side - side)
    faces = [
        Image.fromarray(frame).resize(
            (TILE_PX, TILE_PX), Image.Resampling.LANCZOS, (left, top, left + side, top + side)
        )
        for frame in frames
    ]
    sheet = Image.new("RGB", (COLUMNS * TILE_PX, ROWS * TILE_PX))
    for tile, face in enumerate(most_different(faces, COLUMNS * ROWS)):
        sheet.paste(face, (tile % COLUMNS * TILE_PX, tile // COLUMNS * TILE_PX))
    destination.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(COLOURS, kmeans=4).save(destination, optimize=True)
    print(f"{destination}: {destination.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
