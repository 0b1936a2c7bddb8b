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
# Morph targets are made of the same numbers, so that a track moves them as it moves the picture.
JAW_OPEN_MM = 25.0
LOWER_DOWN_MM = 9.0
UPPER_UP_MM = 7.0
STRETCH_MM = 8.0
BROW_UP_MM, BROW_DOWN_MM = 7.0, 4.0
PUCKER_NARROWS_MM, FUNNEL_NARROWS_MM = 7.0, 5.0
FUNNEL_RAISE_MM, FUNNEL_DROP_MM = 1.2, 1.6
FUNNEL_PUCKER_SHARE = 0.4
"""How much of a pucker is left when a funnel is complete."""
ROLL_PER_LABIODENTAL, ROLL_PER_PRESS = 0.7, 0.15
FULL_PRESS = 1.6
"""Of the rig's control, in lips that are pressed as firmly as they can be."""
CHEEK_PER_SQUINT = 0.6
TONGUE_BETWEEN_TEETH = 0.4
TONGUE_RAISE_MM, TONGUE_DROP_MM = 1.0, 3.5
"""By which a tongue that is put out parts the lips."""
_LOOK_RAD = math.radians(30.0)
_EYE_RADIUS_MM = 12.0


def to_arkit(pose: Pose) -> tuple[float, ...]:
    """52 coefficients, 0..1, in the order of `BLENDSHAPES`."""
    mouth, eyes = pose.mouth, pose.eyes
    values = dict.fromkeys(BLENDSHAPES, 0.0)

    def both(name: str, value: float) -> None:
        values[f"{name}Left"] = values[f"{name}Right"] = value

    opening = mouth.upper_raise_mm + mouth.lower_drop_mm
    wide = min(opening / 10.0, 1.0)
    funnel = mouth.round * wide
    pucker = mouth.round * (1.0 - (1.0 - FUNNEL_PUCKER_SHARE) * wide)
    values["MouthFunnel"], values["MouthPucker"] = funnel, pucker
    values["TongueOut"] = out = TONGUE_BETWEEN_TEETH * mouth.tongue_out
    # A funnel and a tongue part the lips by themselves; rounding narrows the mouth.
    raised = mouth.upper_raise_mm - FUNNEL_RAISE_MM * funnel - TONGUE_RAISE_MM * out
    dropped = mouth.lower_drop_mm - FUNNEL_DROP_MM * funnel - TONGUE_DROP_MM * out
    raised, dropped = max(0.0, raised), max(0.0, dropped)
    width = mouth.width_mm + PUCKER_NARROWS_MM * pucker + FUNNEL_NARROWS_MM * funnel
    # What the jaw opens, the lower lip follows; MouthClose keeps it up over an open jaw.
    values["JawOpen"] = mouth.jaw_mm / JAW_OPEN_MM
    values["MouthClose"] = max(0.0, mouth.jaw_mm - dropped) / JAW_OPEN_MM
    both("MouthLowerDown", max(0.0, dropped - mouth.jaw_mm) / LOWER_DOWN_MM)
    both("MouthUpperUp", raised / UPPER_UP_MM)
    both("MouthStretch", max(0.0, width) / STRETCH_MM)
    both("MouthSmile", max(0.0, mouth.smile))
    both("MouthFrown", max(0.0, -mouth.smile))
    both("MouthPress", mouth.press / FULL_PRESS)
    rolled = ROLL_PER_PRESS * mouth.press
    values["MouthRollLower"] = max(ROLL_PER_LABIODENTAL * mouth.labiodental, rolled)
    values["MouthRollUpper"] = rolled

    values["EyeBlinkLeft"], values["EyeBlinkRight"] = eyes.blink_right, eyes.blink_left
    both("EyeSquint", eyes.squint)
    both("CheekSquint", CHEEK_PER_SQUINT * eyes.squint)
    both("BrowOuterUp", max(0.0, eyes.brow_mm) / BROW_UP_MM)
    values["BrowInnerUp"] = max(0.0, eyes.brow_mm) / BROW_UP_MM
    both("BrowDown", max(0.0, -eyes.brow_mm) / BROW_DOWN_MM)
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
