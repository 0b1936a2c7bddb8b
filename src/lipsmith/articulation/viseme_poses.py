"""What the mouth does in each of the 15 Oculus visemes, held alone."""

from __future__ import annotations

from lipsmith.articulation.contacts import (
    LIP_TEETH_DROP_MM,
    LIP_TEETH_JAW_SHARE,
    LIP_TEETH_RAISE_MM,
    LIPS_JAW_SHARE,
    TEETH_JAW_MM,
)
from lipsmith.articulation.targets import REST, Contact, Target, targets
from lipsmith.core.motion import MouthPose, Viseme

_PHONES = {
    Viseme.PP: "p",
    Viseme.FF: "f",
    Viseme.TH: "θ",
    Viseme.DD: "d",
    Viseme.KK: "k",
    Viseme.CH: "ʃ",
    Viseme.SS: "s",
    Viseme.NN: "l",
    Viseme.RR: "ɹ",
    Viseme.AA: "ɑ",
    Viseme.E: "ɛ",
    Viseme.IH: "ɪ",
    Viseme.OH: "o",
    Viseme.OU: "u",
}
"""The example words of the convention: put, far, think, tip, call, chair, sir, lot, red, car,
bed, tip, toe, book (https://developers.meta.com/horizon/documentation/unity/audio-ovrlipsync-viseme-reference/).
"""


def viseme_pose(viseme: Viseme) -> MouthPose:
    """The mouth at the middle of a long sound of the class; at rest for `Viseme.SIL`."""
    phone = _PHONES.get(viseme)
    return _pose(REST if phone is None else targets(phone)[0][1])


def _pose(target: Target) -> MouthPose:
    upper, lower, jaw = target.upper_raise_mm, target.lower_drop_mm, target.jaw_mm
    if target.contact is Contact.LIPS:
        upper = lower = 0.0
        jaw *= LIPS_JAW_SHARE
    elif target.contact is Contact.LIP_TEETH:
        upper, lower, jaw = LIP_TEETH_RAISE_MM, LIP_TEETH_DROP_MM, LIP_TEETH_JAW_SHARE * jaw
    elif target.contact is Contact.TEETH:
        jaw = min(jaw, TEETH_JAW_MM)
    return MouthPose(
        upper_raise_mm=upper,
        lower_drop_mm=lower,
        width_mm=target.width_mm,
        jaw_mm=jaw,
        press=target.press,
        labiodental=1.0 if target.contact is Contact.LIP_TEETH else 0.0,
        round=target.round,
        tongue=target.tongue,
        tongue_out=target.tongue_out,
    )
