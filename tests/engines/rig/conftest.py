"""The package's own portrait, found and framed as a user's picture is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lipsmith.core.portrait import Portrait
from lipsmith.engines.rig.geometry import (
    LOWER_INNER,
    LOWER_INNER_RING,
    UPPER_INNER,
    UPPER_INNER_RING,
)
from lipsmith.engines.rig.prepare import Rig, prepare
from lipsmith.faces.portrait import make_portrait
from lipsmith.media.pictures import read_picture


@pytest.fixture(scope="session")
def portrait(portrait_path: Path) -> Portrait:
    """A woman who smiles with open lips, 512x512, her face a fifth of the picture's width."""
    return make_portrait(read_picture(portrait_path))


@pytest.fixture(scope="session")
def closed_portrait(portrait: Portrait) -> Portrait:
    """The same picture with landmarks that say that its mouth is closed."""
    landmarks = portrait.face.landmarks.copy()
    for upper, lower in ((UPPER_INNER, LOWER_INNER), (UPPER_INNER_RING, LOWER_INNER_RING)):
        middle = 0.5 * (landmarks[list(upper)] + landmarks[list(lower)])
        landmarks[list(upper)] = landmarks[list(lower)] = middle
    return replace(portrait, face=replace(portrait.face, landmarks=np.ascontiguousarray(landmarks)))


@pytest.fixture(scope="session")
def rig(portrait: Portrait) -> Rig:
    return prepare(portrait)


@pytest.fixture(scope="session")
def closed_rig(closed_portrait: Portrait) -> Rig:
    return prepare(closed_portrait)
