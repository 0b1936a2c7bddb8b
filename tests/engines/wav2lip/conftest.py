"""The sample portrait, once for all tests of this engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from lipsmith.core.portrait import Portrait
from lipsmith.faces.portrait import make_portrait
from lipsmith.media.pictures import read_picture


@pytest.fixture(scope="session")
def portrait(portrait_path: Path) -> Portrait:
    return make_portrait(read_picture(portrait_path))
