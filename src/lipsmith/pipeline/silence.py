"""What is told of a render in which nothing is heard."""

from __future__ import annotations

from collections.abc import Sequence

SILENT = 1e-3
"""Peak amplitude, -60 dB of full scale: below it nothing is heard."""


def warnings_at(peak: float, warnings: Sequence[str]) -> list[str]:
    """The warnings of a render whose sound, all of it, is nowhere louder than `peak`."""
    if peak >= SILENT:
        return list(warnings)
    from lipsmith.articulation.recognition.recogniser import NOBODY_SPEAKS

    others = [warning for warning in warnings if warning != NOBODY_SPEAKS]
    return [*others, "the sound is silent, so the mouth stays shut"]
