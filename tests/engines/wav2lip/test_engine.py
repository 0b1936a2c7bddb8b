"""Stills and videos say what the track says, with any file of weights that is Wav2Lip's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checkpoints import (
    TINY,
    published_output,
    random_generator,
    save_legacy,
    save_onnx,
    save_safetensors,
    save_script,
)
from scenes import FPS, footage, moved, off, options, track, walk

from lipsmith.core.image import Nv12Image
from lipsmith.core.motion import Viseme
from lipsmith.core.options import CropOptions, EngineOptions, Runtime
from lipsmith.core.portrait import Portrait
from lipsmith.core.resources import Resources
from lipsmith.engines.rig.dubbing.stream import Painter
from lipsmith.engines.wav2lip.crop import FIRST_ROW, network_input
from lipsmith.engines.wav2lip.dubbing import finish_shot, shots
from lipsmith.engines.wav2lip.engine import Wav2LipEngine, Wav2LipGanEngine
from lipsmith.engines.wav2lip.models import MouthModel
from lipsmith.engines.wav2lip.rest import resting_frames, shutness
from lipsmith.errors import (
    CheckpointError,
    FaceError,
    LicenceError,
    MissingWeightsError,
)
from lipsmith.evaluation.sync import landmark_opening_mm
from lipsmith.faces.landmarks import crop_around, measure_crop
from lipsmith.media.colour import nv12_to_rgb, rgb_to_nv12

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of torch's exporters

SIL, AA = Viseme.SIL, Viseme.AA
SAYS = [AA] * 12


class NarrowEngine(Wav2LipEngine):
    """The same with fewer channels, so that tests are fast."""

    width = TINY


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the narrow network, in the official layout."""
    return save_legacy(random_generator(), tmp_path_factory.mktemp("weights") / "wav2lip.pth")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where exported graphs are kept between the tests."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture
def engine(weights: Path, models: Path) -> Any:
    engine = NarrowEngine()
    engine.load(options(weights, models))
    yield engine
    engine.close()


def _pixels(image: Any) -> Any:
    return nv12_to_rgb(image) if isinstance(image, Nv12Image) else image


@pytest.mark.neural
def test_a_still_moves_its_mouth_and_nothing_else(engine: Any, portrait: Portrait) -> None:
    frames = list(engine.animate(portrait, track(SAYS)))
    assert [frame.index for frame in frames] == list(range(len(SAYS)))
    assert sum(len(frame.samples) for frame in frames) == len(SAYS) * 960
    plain = rgb_to_nv12(portrait.pixels)
    changed = [np.abs(f.image.luma.astype(int) - plain.luma) for f in frames]
    x, y = np.rint(portrait.face.landmarks[14, :2]).astype(int)
    assert np.mean([each[y - 5 : y + 5, x - 9 : x + 9].mean() for each in changed]) > 5
    eyes = portrait.face.landmarks[[145, 374], 1].max()
    for each in changed:
        assert not each[: int(eyes)].any()
        assert not each[int(portrait.face.box.bottom) + 40 :].any()
    assert off(frames[3].image.luma, frames[8].image.luma) > 0


@pytest.mark.neural
def test_the_official_size_and_forms_are_drawn_as_published(tmp_path: Path) -> None:
    net = random_generator(1.0)
    legacy, script = save_legacy(net, tmp_path / "a.pth"), save_script(net, tmp_path / "b.pt")
    model = MouthModel("wav2lip-gan", options(legacy, tmp_path))
    rng = np.random.default_rng(4)
    face = rng.random((96, 96, 3), np.float32)
    mel = rng.uniform(-4, 4, (2, 80, 16)).astype(np.float32)
    shown = np.repeat(network_input(face)[None], 2, 0)
    expected = published_output(net, mel[:, None], shown)[:, ::-1, FIRST_ROW:].transpose(0, 2, 3, 1)
    np.testing.assert_allclose(model.for_still(face)(list(mel)), expected, atol=1e-4)
    assert model.warnings == ()
    model = MouthModel("wav2lip-gan", options(script, tmp_path, runtime=Runtime.TORCH))
    np.testing.assert_allclose(model.for_video()(list(mel), [face] * 2), expected, atol=1e-4)


@pytest.mark.neural
@pytest.mark.parametrize("form", [save_script, save_safetensors, save_onnx])
def test_every_form_of_the_weights_draws_the_same(
    form: Callable[..., Path], weights: Path, models: Path, portrait: Portrait, tmp_path: Path
) -> None:
    one, other = NarrowEngine(), NarrowEngine()
    one.load(options(weights, models))
    other.load(
        options(
            form(
                random_generator(),
                tmp_path / "w.onnx" if form is save_onnx else tmp_path / "w.pt",
            ),
            tmp_path,
        )
    )
    pairs = zip(
        one.animate(portrait, track(SAYS)), other.animate(portrait, track(SAYS)), strict=True
    )
    for mine, theirs in pairs:
        assert off(mine.image.luma, theirs.image.luma) <= 2


@pytest.mark.neural
def test_a_graph_with_batches_of_one_size_is_run_in_such_batches(
    weights: Path, models: Path, portrait: Portrait, tmp_path: Path
) -> None:
    graph = save_onnx(random_generator(), tmp_path / "fixed.onnx", batch=5)
    one, other = NarrowEngine(), NarrowEngine()
    one.load(options(weights, models))
    other.load(options(graph, tmp_path))
    frames = zip(
        one.animate(portrait, track(SAYS)), other.animate(portrait, track(SAYS)), strict=True
    )
    assert max(off(a.image.luma, b.image.luma) for a, b in frames) <= 2


@pytest.mark.neural
def test_a_video_moves_its_mouth_where_the_face_is(engine: Any, portrait: Portrait) -> None:
    pictures = walk(portrait, 14)
    frames = list(engine.dub(footage(pictures), track([AA] * 14)))
    assert [frame.index for frame in frames] == list(range(14))
    for picture, frame in zip(pictures, frames, strict=True):
        assert picture.face is not None
        x, y = np.rint(picture.face.landmarks[14, :2]).astype(int)
        assert (
            off(
                frame.image[y - 5 : y + 5, x - 9 : x + 9],
                picture.pixels[y - 5 : y + 5, x - 9 : x + 9],
            )
            > 10
        )
        assert off(frame.image[:60], picture.pixels[:60]) == 0


@pytest.mark.neural
def test_frames_without_a_face_are_passed_on(engine: Any, portrait: Portrait) -> None:
    pictures = walk(portrait, 8)
    for gone in (0, 3, 7):
        pictures[gone] = replace(pictures[gone], face=None)
    frames = list(engine.dub(footage(pictures), track([AA] * 8)))
    same = [off(f.image, p.pixels) == 0 for f, p in zip(frames, pictures, strict=True)]
    assert same == [index in (0, 3, 7) for index in range(8)]


@pytest.mark.neural
def test_the_mouth_is_shut_where_nobody_speaks(engine: Any, portrait: Portrait) -> None:
    said = [SIL] * 8 + [AA] * 8 + [SIL] * 10
    frames = list(engine.animate(portrait, track(said)))
    start, end = _pixels(frames[0].image), _pixels(frames[-1].image)
    assert off(start, end) == 0
    assert off(start, _pixels(frames[11].image)) > 10
    # The sample portrait smiles with her teeth; at rest none are seen.
    assert shutness(portrait.face.landmarks) == 0
    lips = portrait.face.landmarks[[61, 291, 13, 14], :2]
    left, right = np.rint(lips[:2, 0]).astype(int)
    top, bottom = np.rint(lips[2:, 1]).astype(int)
    inside = np.s_[top:bottom, left + 8 : right - 8]
    assert start[inside].max(2).mean() < portrait.pixels[inside].max(2).mean() - 15


@pytest.mark.neural
def test_shut_lips_of_a_video_are_kept_in_silence(engine: Any, portrait: Portrait) -> None:
    shut = portrait.face.landmarks.copy()
    shut[14] = shut[13]
    pictures = [
        replace(each, face=replace(portrait.face, landmarks=shut)) for each in walk(portrait, 12, 0)
    ]
    frames = list(engine.dub(footage(pictures), track([SIL] * 12)))
    assert all(off(frame.image, portrait.pixels) == 0 for frame in frames)
    parted = list(engine.dub(footage(walk(portrait, 12, 0)), track([SIL] * 12)))
    assert off(parted[6].image, portrait.pixels) > 10


@pytest.mark.neural
def test_open_lips_of_a_video_are_shut_in_silence(engine: Any, portrait: Portrait) -> None:
    said = [SIL] * 7 + [AA] * 6 + [SIL] * 7
    pictures = walk(portrait, len(said))
    frames = list(engine.dub(footage(pictures), track(said)))

    def gap_mm(pixels: Any, index: int) -> float:
        face = pictures[index].face
        assert face is not None
        found = measure_crop(np.ascontiguousarray(pixels), crop_around(face.landmarks))
        return landmark_opening_mm(found.landmarks)

    before = gap_mm(pictures[0].pixels, 0)
    silent = [*range(5), *range(15, 20)]
    assert before > 4.0, "the portrait smiles with open lips"
    assert max(gap_mm(frames[index].image, index) for index in silent) < 0.4 * before
    # The eyes stay the video's own.
    assert off(frames[2].image[:60], pictures[2].pixels[:60]) == 0
    # Shut is shut: only the head moves.
    moves = [off(frames[i].image, np.roll(frames[0].image, 2 * i, 1)) for i in range(5)]
    assert np.median(moves) < 40


def test_a_mouth_at_rest_is_never_seen_through_another(portrait: Portrait) -> None:
    said = [SIL] * 7 + [AA] * 6 + [SIL] * 7
    pictures = walk(portrait, len(said), 0)
    painter = Painter()
    made = list(shots(footage(pictures), track(said), CropOptions(), painter))
    ramp = [shot for shot in made if 0 < shot.rest < 1]
    assert [shot.heard.frame.index for shot in ramp] == [5, 6, 13, 14]
    for shot in ramp:
        assert shot.shown is not None
        again = finish_shot(shot, shot.shown[FIRST_ROW:], painter)
        shut = shot.resting.picture(painter)
        # The track of this test does not open its mouth, so what the network draws on is shut.
        assert off(again.image, shut) <= 2
        assert off(shot.under, portrait.pixels) > 10


def test_shut_lips_are_kept_only_where_they_stay_shut(portrait: Portrait) -> None:
    shut = portrait.face.landmarks.copy()
    shut[14] = shut[13]
    closed = replace(portrait.face, landmarks=shut)
    at = [*range(12, 14), *range(26, 50)]
    pictures = [
        replace(each, face=closed) if each.index in at else each for each in walk(portrait, 50, 0)
    ]
    own = [resting.own for resting in resting_frames(footage(pictures))]
    assert not any(own[:28]), "between words the lips meet for a moment only"
    assert own[40:] == [1.0] * 10
    assert 0 < own[31] < 1
    assert max(abs(a - b) for a, b in pairwise(own)) < 0.4


@pytest.mark.neural
def test_batches_and_runtimes_draw_the_same(
    weights: Path, models: Path, portrait: Portrait
) -> None:
    drawn = []
    for more in ({"batch_size": 1}, {"batch_size": 5}, {"runtime": Runtime.TORCH}):
        engine = NarrowEngine()
        engine.load(options(weights, models, **more))
        drawn.append([frame.image.luma for frame in engine.animate(portrait, track(SAYS))])
    for each in drawn[1:]:
        assert max(off(a, b) for a, b in zip(drawn[0], each, strict=True)) <= 1


@pytest.mark.neural
def test_ten_seconds_are_two_hundred_and_fifty_frames(engine: Any, portrait: Portrait) -> None:
    said = [SIL] * 240 + [AA] * 10
    assert sum(1 for _ in engine.animate(portrait, track(said))) == 10 * FPS


@pytest.mark.neural
def test_frames_come_before_the_track_ends(engine: Any, portrait: Portrait) -> None:
    endless = track([AA] * 100_000)
    frames = engine.animate(portrait, endless)
    assert next(frames).index == 0
    frames.close()
    assert next(iter(endless.frames)).index < 60


@pytest.mark.neural
def test_a_tiny_face_fails_before_any_frame(
    weights: Path, models: Path, portrait: Portrait
) -> None:
    engine = NarrowEngine()
    engine.load(options(weights, models))
    with pytest.raises(FaceError, match="too small"):
        engine.animate(replace(portrait, face=moved(portrait.face, 900, 0)), track(SAYS))


@pytest.mark.neural
def test_weights_of_another_model_are_refused(
    models: Path, portrait: Portrait, tmp_path: Path
) -> None:
    import torch

    path = tmp_path / "gfpgan.pth"
    torch.save({"params_ema": {"stylegan.weight": torch.zeros(3)}}, path)
    engine = NarrowEngine()
    engine.load(options(path, models))
    with pytest.raises(CheckpointError, match=r"gfpgan\.pth is not Wav2Lip"):
        engine.animate(portrait, track(SAYS))
    net = torch.nn.Conv2d(3, 3, 3)
    torch.onnx.export(net, (torch.zeros(1, 3, 8, 8),), str(tmp_path / "x.onnx"), dynamo=False)
    with pytest.raises(CheckpointError, match="is not Wav2Lip: its inputs are"):
        engine.load(options(tmp_path / "x.onnx", models))


def test_missing_weights_say_what_to_type(tmp_path: Path) -> None:
    engine = Wav2LipGanEngine()
    with pytest.raises(MissingWeightsError, match="lipsmith models pull wav2lip-gan"):
        engine.load(EngineOptions("cpu", resources=Resources(models=tmp_path)))
    with pytest.raises(LicenceError, match="commercial"):
        engine.load(EngineOptions("cpu", resources=Resources(models=tmp_path, commercial=True)))
    with pytest.raises(CheckpointError, match="there is no file"):
        engine.load(options(tmp_path / "none.pth", tmp_path))
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"\x08\x08\x12\x07pytorch")
    with pytest.raises(CheckpointError, match="cannot be read as an ONNX graph"):
        engine.load(options(broken, tmp_path))
