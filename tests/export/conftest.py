"""The model of the sample portrait, made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from glb import Glb

import lipsmith
from conftest import PORTRAIT


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("model") / "face.glb"
    lipsmith.export_gltf(PORTRAIT, path, side=512)
    return path


@pytest.fixture(scope="session")
def model(model_file: Path) -> Glb:
    return Glb(model_file.read_bytes())
