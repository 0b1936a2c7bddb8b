"""Whether a dubbed face says the new words, and no longer the old ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lipsmith.evaluation.articulation import CLOSED_MM
from lipsmith.evaluation.sync import Sync, sync_with_track

Array = NDArray[np.float64]

_LEAST_STD_MM = 1e-6


@dataclass(frozen=True, slots=True)
class DubMeasures:
    """Measures of one dubbed video.

    sync: of the opening that is seen with the one that was asked for. old_mouth: -1..1,
    correlation of the opening that is seen with that of the footage, once the one that was asked
    for explains what it can; 0 when nothing of the old words is left. shut_mm: median opening that
    is seen while the lips are to be shut; nan where they never are.
    """

    sync: Sync
    old_mouth: float
    shut_mm: float


def measure_dub(seen_mm: Array, meant_mm: Array, footage_mm: Array, fps: float) -> DubMeasures:
    """Compare the lips' opening in each frame of the result, of the track and of the footage.

    Each (frames,), as `landmark_opening_mm` and `lip_opening_mm` tell it; two seconds or more.
    """
    terms = np.column_stack([meant_mm, np.ones_like(meant_mm)])
    left_over, footage = (
        values - terms @ np.linalg.lstsq(terms, values, rcond=None)[0]
        for values in (seen_mm, footage_mm)
    )
    spread = float(left_over.std() * footage.std())
    shut = seen_mm[meant_mm < CLOSED_MM]
    return DubMeasures(
        sync=sync_with_track(seen_mm, meant_mm, fps),
        old_mouth=float((left_over * footage).mean()) / spread if spread > _LEAST_STD_MM else 0.0,
        shut_mm=float(np.median(shut)) if len(shut) else float("nan"),
    )
