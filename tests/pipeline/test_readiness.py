"""Which engines are said to be ready."""

from __future__ import annotations

from pathlib import Path

from lipsmith.pipeline.readiness import ready_engines


def test_what_needs_nothing_more_is_ready_and_what_needs_weights_is_not(tmp_path: Path) -> None:
    ready = {spec.name for spec in ready_engines(tmp_path, tmp_path)}
    assert {"rig", "espeak", "lanczos"} <= ready
    assert not ready & {"wav2lip", "gfpgan", "realesrgan", "kokoro"}
