"""People's teeth differ, and each face keeps its own."""

from __future__ import annotations

import numpy as np
import pytest
from painted_face import PaintedFace

from lipsmith.engines.rig.teeth import Arch, arch_seen_from, draw_row
from lipsmith.engines.rig.tooth_sets import (
    GAPPED,
    OVOID,
    TOOTH_SETS,
    ToothChoice,
    ToothSet,
    choose_teeth,
)

X = np.linspace(-30, 30, 601)


def test_faces_of_different_proportions_have_different_teeth() -> None:
    faces = [PaintedFace(jaw=jaw) for jaw in np.linspace(0.8, 1.15, 15)]
    choices = [choose_teeth(f.landmarks, f.head) for f in faces]
    assert len({c.tooth_set.name for c in choices}) >= 3
    assert choices == [choose_teeth(f.landmarks, f.head) for f in faces]


def test_the_same_face_in_another_size_has_the_same_teeth() -> None:
    face = PaintedFace()
    half = face.landmarks / 2
    assert choose_teeth(half, type(face.head).of(half)) == choose_teeth(face.landmarks, face.head)


@pytest.mark.parametrize("tooth_set", TOOTH_SETS, ids=lambda s: s.name)
@pytest.mark.parametrize("upper", [True, False])
def test_a_row_is_closed_in_front_and_has_an_edge(tooth_set: ToothSet, upper: bool) -> None:
    arch = arch_seen_from(X, 0.0, 1.0)
    height = np.repeat(np.linspace(-2, 11, 131, dtype=np.float32)[:, None], len(X), axis=1)
    maps = draw_row(ToothChoice(tooth_set, 3, 1.0), upper, arch, height, 1.0)
    front = np.abs(X) < 15
    assert maps.enamel[height[:, 0] < -1.2][:, front].max() < 0.2
    covered = (maps.enamel + maps.gum)[height[:, 0] > 4.0][:, front]
    assert covered.min() > 0.5
    edge = np.array([np.argmax(column > 0.5) for column in maps.enamel.T[front]])
    assert np.ptp(edge) >= 4  # not a ruler's edge


def test_the_gap_between_the_front_teeth_is_seen() -> None:
    arch = arch_seen_from(X, 0.0, 1.0)
    height = np.full((1, len(X)), 2.0, np.float32)
    gapped, closed = (
        draw_row(ToothChoice(kind, 3, 1.0), True, arch, height, 1.0).enamel[0, len(X) // 2]
        for kind in (GAPPED, OVOID)
    )
    assert gapped < 0.5 < closed


def test_a_turned_head_shows_one_side_of_the_arch_better() -> None:
    straight, turned = (arch_seen_from(X, shift, 1.0) for shift in (0.0, 0.4))

    def facing(arch: Arch, arc_mm: float) -> float:
        return float(arch.facing[np.argmin(np.abs(arch.arc_mm - arc_mm))])

    assert facing(straight, -18) == pytest.approx(facing(straight, 18), abs=0.02)
    assert facing(turned, -18) < facing(straight, 18) - 0.1
    assert facing(turned, 18) > facing(straight, 18) + 0.1
