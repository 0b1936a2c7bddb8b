"""The networks that ship with the package."""

from __future__ import annotations

from pathlib import Path

import lipsmith.faces

MODELS = Path(lipsmith.faces.__file__).parent / "models"


def test_every_model_is_named_in_the_notice() -> None:
    notice = (MODELS / "NOTICE").read_text()
    names = {path.name for path in MODELS.glob("*.onnx")}
    assert names == {word for word in notice.split() if word.endswith(".onnx")}
    assert "Apache License" in (MODELS / "LICENSE").read_text()
