"""The generator computes what the published one does, whatever is folded, cut off or shared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from checkpoints import published_output, random_generator

pytestmark = pytest.mark.neural

RNG = np.random.default_rng(3)
MEL = RNG.uniform(-4, 4, (3, 1, 80, 16)).astype(np.float32)
FACES = RNG.random((3, 6, 96, 96), np.float32)


def _run(net: Any, *inputs: Any) -> Any:
    import torch

    with torch.no_grad():
        return net(*(torch.from_numpy(each) for each in inputs)).numpy()


def test_the_official_size() -> None:
    import torch

    from lipsmith.engines.wav2lip.generator import Generator

    with torch.device("meta"):
        net = Generator()
    assert sum(each.numel() for each in net.parameters()) == 36_298_035
    assert len(net.state_dict()) == 352
    shapes = {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}
    assert shapes["face_encoder_blocks.0.0.conv_block.0.weight"] == (16, 6, 7, 7)
    assert shapes["audio_encoder.12.conv_block.0.weight"] == (512, 512, 1, 1)
    assert shapes["face_decoder_blocks.6.0.conv_block.0.weight"] == (160, 64, 3, 3)
    assert shapes["output_block.1.weight"] == (3, 32, 1, 1)


def test_outputs_equal_the_published_ones() -> None:
    net = random_generator()
    expected = published_output(net, MEL, FACES)
    assert expected.std() > 0.05  # else equality means nothing
    np.testing.assert_allclose(_run(net, MEL, FACES), expected, atol=1e-5)


def test_what_is_cut_and_shared_changes_nothing() -> None:
    import torch

    from lipsmith.engines.wav2lip.crop import FIRST_ROW
    from lipsmith.engines.wav2lip.generator import (
        FaceShare,
        MouthGenerator,
        SpeechShare,
    )
    from lipsmith.neural.folding import fold_batch_norms

    net = random_generator()
    one = np.repeat(FACES[:1], 3, 0)
    moving = published_output(net, MEL, FACES)[:, :, FIRST_ROW:]
    still = published_output(net, MEL, one)[:, :, FIRST_ROW:]
    folded = fold_batch_norms(net)
    np.testing.assert_allclose(_run(MouthGenerator(folded), MEL, FACES), moving, atol=1e-4)
    with torch.no_grad():
        shares = FaceShare(folded)(torch.from_numpy(FACES[:1]))
        made = SpeechShare(folded)(torch.from_numpy(MEL), *shares).numpy()
    np.testing.assert_allclose(made, still, atol=1e-4)
