"""Which landmarks move with the head alone, and which with the mouth and the jaw."""

from __future__ import annotations

from lipsmith.engines.rig.geometry import LOWER_OUTER, UPPER_OUTER

_NOSE = (1, 2, 4, 5, 6, 168, 195, 197, 98, 327, 129, 358, 48, 278, 64, 294, 97, 326, 94, 19)
_FOREHEAD = (10, 151, 9, 109, 338, 67, 297, 103, 332, 54, 284, 21, 251)
_EYE_CORNERS = (33, 133, 362, 263)
_TEMPLES = (127, 356, 162, 389, 234, 454, 93, 323)
_CHEEK_BONES = (50, 280, 101, 330, 117, 346, 118, 347, 36, 266, 123, 352)

STABLE = tuple(sorted(_NOSE + _FOREHEAD + _EYE_CORNERS + _TEMPLES + _CHEEK_BONES))
"""They keep their places on the head, whatever the mouth does."""

LIP_OUTLINE = UPPER_OUTER + LOWER_OUTER[-2:0:-1]
"""Around the lips, in order."""

_PHILTRUM = (164, 167, 393, 165, 391, 92, 322)
_CHIN = (18, 83, 313, 200, 201, 421, 199, 175, 208, 428, 171, 396, 194, 418, 32, 262, 140, 369)
_JAW_LINE = (152, 148, 377, 176, 400, 149, 378, 150, 379, 136, 365, 172, 397, 58, 288)
_LOWER_CHEEKS = (
    206, 426, 216, 436, 207, 427, 212, 432, 214, 434, 202, 422, 204, 424, 210, 430, 211, 431,
    135, 364, 192, 416, 138, 367, 187, 411, 205, 425,
)  # fmt: skip

MOVED = tuple(sorted(set(LIP_OUTLINE + _PHILTRUM + _CHIN + _JAW_LINE + _LOWER_CHEEKS)))
"""They move when the mouth does."""
