"""A pose as the 52 blendshape coefficients of Apple's ARKit.

Names and meanings: https://developer.apple.com/documentation/arkit/arfaceanchor/blendshapelocation.
Their left and right are the person's own, so their left eye is at the viewer's right.
"""

from __future__ import annotations

import math

from lipsmith.core.motion import Pose

BLENDSHAPES = (
    "EyeBlinkLeft", "EyeLookDownLeft", "EyeLookInLeft", "EyeLookOutLeft", "EyeLookUpLeft",
    "EyeSquintLeft", "EyeWideLeft", "EyeBlinkRight", "EyeLookDownRight", "EyeLookInRight",
    "EyeLookOutRight", "EyeLookUpRight", "EyeSquintRight", "EyeWideRight", "JawForward",
    "JawRight", "JawLeft", "JawOpen", "MouthClose", "MouthFunnel", "MouthPucker", "MouthRight",
    "MouthLeft", "MouthSmileLeft", "MouthSmileRight", "MouthFrownLeft", "MouthFrownRight",
    "MouthDimpleLeft", "MouthDimpleRight", "MouthStretchLeft", "MouthStretchRight",
    "MouthRollLower", "MouthRollUpper", "MouthShrugLower", "MouthShrugUpper", "MouthPressLeft",
    "MouthPressRight", "MouthLowerDownLeft", "MouthLowerDownRight", "MouthUpperUpLeft",
    "MouthUpperUpRight", "BrowDownLeft", "BrowDownRight", "BrowInnerUp", "BrowOuterUpLeft",
    "BrowOuterUpRight", "CheekPuff", "CheekSquintLeft", "CheekSquintRight", "NoseSneerLeft",
    "NoseSneerRight", "TongueOut",
)  # fmt: skip
"""The 52 names in the order of Epic's Live Link Face recordings."""

# Millimetres (and radians of gaze) that a coefficient of 1 stands for, on an average head.
_JAW_OPEN_MM = 25.0
_LOWER_DOWN_MM = 9.0
_UPPER_UP_MM = 7.0
_STRETCH_MM = 8.0
_BROW_MM = 7.0
_LOOK_RAD = math.radians(30.0)
_EYE_RADIUS_MM = 12.0


def to_arkit(pose: Pose) -> tuple[float, ...]:
    """52 coefficients, 0..1, in the order of `BLENDSHAPES`."""
    mouth, eyes = pose.mouth, pose.eyes
    values = dict.fromkeys(BLENDSHAPES, 0.0)

    def both(name: str, value: float) -> None:
        values[f"{name}Left"] = values[f"{name}Right"] = value

    # What the jaw opens, the lips follow; MouthClose keeps them together over an open jaw.
    opening = mouth.upper_raise_mm + mouth.lower_drop_mm
    values["JawOpen"] = mouth.jaw_mm / _JAW_OPEN_MM
    values["MouthClose"] = max(0.0, mouth.jaw_mm - opening) / _JAW_OPEN_MM
    both("MouthLowerDown", max(0.0, mouth.lower_drop_mm - mouth.jaw_mm) / _LOWER_DOWN_MM)
    both("MouthUpperUp", mouth.upper_raise_mm / _UPPER_UP_MM)
    wide = min(opening / 10.0, 1.0)
    values["MouthFunnel"] = mouth.round * wide
    values["MouthPucker"] = mouth.round * (1.0 - 0.6 * wide)
    both("MouthStretch", max(0.0, mouth.width_mm) / _STRETCH_MM)
    both("MouthSmile", max(0.0, mouth.smile))
    both("MouthFrown", max(0.0, -mouth.smile))
    both("MouthPress", mouth.press)
    values["MouthRollLower"] = max(0.7 * mouth.labiodental, 0.3 * mouth.press)
    values["MouthRollUpper"] = 0.3 * mouth.press
    values["TongueOut"] = 0.4 * mouth.tongue_out

    values["EyeBlinkLeft"], values["EyeBlinkRight"] = eyes.blink_right, eyes.blink_left
    both("EyeSquint", eyes.squint)
    both("CheekSquint", 0.6 * eyes.squint)
    both("BrowOuterUp", 0.8 * max(0.0, eyes.brow_mm) / _BROW_MM)
    values["BrowInnerUp"] = max(0.0, eyes.brow_mm) / _BROW_MM
    both("BrowDown", max(0.0, -eyes.brow_mm) / _BROW_MM)
    across, down = (_look(mm) for mm in (eyes.gaze_x_mm, eyes.gaze_y_mm))
    both("EyeLookDown", max(0.0, down))
    both("EyeLookUp", max(0.0, -down))
    values["EyeLookOutLeft"] = values["EyeLookInRight"] = max(0.0, across)
    values["EyeLookInLeft"] = values["EyeLookOutRight"] = max(0.0, -across)
    return tuple(min(max(value, 0.0), 1.0) for value in values.values())


def eye_angles_rad(pose: Pose) -> tuple[float, float]:
    """How far the eyes turn to the viewer's right and down, as angles of the eyeball."""
    return _angle(pose.eyes.gaze_x_mm), _angle(pose.eyes.gaze_y_mm)


def _angle(shift_mm: float) -> float:
    return math.asin(min(max(shift_mm / _EYE_RADIUS_MM, -1.0), 1.0))


def _look(shift_mm: float) -> float:
    return _angle(shift_mm) / _LOOK_RAD
