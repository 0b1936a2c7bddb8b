"""Options that change nothing in a render."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lipsmith.engines.rig.engine import RigEngine
from lipsmith.pipeline.checks import idle_options
from lipsmith.requests import make_request

RIG = RigEngine.capabilities
NETWORK = replace(RIG, takes_options=True)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, []),
        ({"device": "cuda"}, []),
        ({"precision": "bf16", "weights": "w.pth"}, ["precision and weights change"]),
        ({"precision": "bf16", "restore": "gfpgan"}, []),
        ({"pads": (0, 0, 0, 0), "restore": "gfpgan"}, ["pads changes"]),
        ({"batch_size": 2, "detector": "s3fd", "detector_batch_size": 2}, []),
        ({"detector_batch_size": 2}, ["detector_batch_size changes nothing with the detector"]),
        ({"restore_strength": 0.5}, ["restore_strength changes nothing without restore"]),
        ({"upscale_factor": 2, "upscale": "lanczos"}, []),
        ({"length": "loop"}, ["length changes nothing where the source is a picture"]),
    ],
)
def test_for_the_rig(options: Any, told: list[str]) -> None:
    found = idle_options(make_request("face.jpg", text="Hi.", **options), RIG, "still")
    assert len(found) == len(told)
    assert all(words in line for words, line in zip(told, found, strict=True))


def test_for_an_engine_with_a_network_and_a_video() -> None:
    asked = make_request(
        "a.mp4", text="Hi.", precision="bf16", pads=(1, 2, 3, 4), weights="w", length="loop"
    )
    assert idle_options(asked, NETWORK, "video") == []
