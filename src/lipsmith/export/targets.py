"""The model's morph targets: their names, and the amounts of the rig's controls in each viseme."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation import arkit
from lipsmith.articulation.viseme_poses import viseme_pose
from lipsmith.core.motion import MouthPose, Pose, Viseme
from lipsmith.engines.rig.controls import control_values
from lipsmith.export.arkit_offsets import ARKIT_NAMES

_SPELT = {Viseme.IH: "I", Viseme.OH: "O", Viseme.OU: "U"}
VISEME_NAMES = tuple(f"viseme_{_SPELT.get(viseme, viseme.value)}" for viseme in Viseme)
"""As Ready Player Me and others spell the Oculus visemes, in the order of `Viseme`."""
AS_PICTURED = "asPictured"
"""Opens the mouth as far as the picture shows it; there only where the picture's is open."""


def target_names(is_open: bool) -> tuple[str, ...]:
    """The names in order; is_open: the picture's mouth."""
    return (*ARKIT_NAMES, *VISEME_NAMES, *((AS_PICTURED,) if is_open else ()))


def resting_controls(is_open: bool, smile: float) -> NDArray[np.float64]:
    """(14,) what the rig does to the picture for a mouth at rest."""
    return control_values(Pose(), is_open, smile).astype(np.float64)


def viseme_controls(is_open: bool, smile: float) -> NDArray[np.float64]:
    """(15, 14) what a viseme adds to it."""
    rest = resting_controls(is_open, smile)
    poses = (Pose(mouth=viseme_pose(viseme)) for viseme in Viseme)
    return np.stack([control_values(pose, is_open, smile) - rest for pose in poses])


def mouth_poses(is_open: bool, gap_mm: float) -> tuple[MouthPose, ...]:
    """What each target means for the inside of the mouth: its jaw, tongue and rounding.

    gap_mm: between the lips in the picture.
    """
    still = MouthPose()
    inside = {
        "jawOpen": replace(still, jaw_mm=arkit.JAW_OPEN_MM),
        "tongueOut": replace(still, tongue_out=1.0 / arkit.TONGUE_BETWEEN_TEETH),
    }
    inside["mouthPucker"] = replace(still, round=1.0)
    inside["mouthFunnel"] = replace(still, round=1.0 - arkit.FUNNEL_PUCKER_SHARE)
    inside[AS_PICTURED] = replace(still, jaw_mm=gap_mm)
    visemes = zip(VISEME_NAMES, (viseme_pose(viseme) for viseme in Viseme), strict=True)
    inside |= dict(visemes)
    return tuple(inside.get(name, still) for name in target_names(is_open))
