"""Wav2Lip against the way its published code runs it, both in one run, with random weights.

The published way is read anew here: eager fp32 in batches of 128, every layer by itself, the whole
picture at once, and frames encoded after that. Its imports beyond torch and its second pass of
encoding are left out, so that it is a little faster here than it is.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.render_ratio import Cost, best, measure
from benchmarks.subject import TEN_SECONDS, face_picture
from benchmarks.table import Result, report
from lipsmith.core.options import EngineOptions, Precision
from lipsmith.core.resources import Resources
from lipsmith.neural.device import cpu_has_bf16

REFERENCE_BATCH = 128
GENERATOR_LIMITS = {Precision.FP32: 0.42, Precision.BF16: 0.22}
CLIP_LIMIT = 0.4
SIDE_PX = 512
ROUNDS = 3


def save_checkpoint(path: Path) -> None:
    """Random weights in the official layout and form."""
    import torch
    from torch import nn

    from lipsmith.engines.wav2lip.generator import Generator

    torch.manual_seed(0)
    net = Generator()
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight)
    with torch.no_grad():
        for _ in range(3):
            net(8 * torch.rand(4, 1, 80, 16) - 4, torch.rand(4, 6, 96, 96))
    state = {f"module.{name}": tensor for name, tensor in net.state_dict().items()}
    torch.save({"state_dict": state}, path, _use_new_zipfile_serialization=False)


def reference_generator(weights: Path) -> Callable[[Any, Any], Any]:
    """The published network, eager."""
    import torch

    from lipsmith.engines.wav2lip.generator import Generator
    from lipsmith.neural.checkpoint import load_weights

    net = load_weights(Generator(), weights, "Wav2Lip")

    def run(mel: Any, faces: Any) -> Any:
        with torch.no_grad():
            return net(torch.from_numpy(mel), torch.from_numpy(faces)).numpy()

    return run


def generator_times_ms(weights: Path, models: Path) -> dict[str, float]:
    """Milliseconds a frame, of whatever can be had here."""
    from lipsmith.engines.wav2lip.models import MouthModel

    rng = np.random.default_rng(0)
    mel = rng.uniform(-4, 4, (REFERENCE_BATCH, 1, 80, 16)).astype(np.float32)
    faces = rng.random((REFERENCE_BATCH, 6, 96, 96), np.float32)
    reference = reference_generator(weights)
    work = {"reference": (lambda: reference(mel, faces), REFERENCE_BATCH)}
    for precision in GENERATOR_LIMITS:
        if precision is Precision.BF16 and not cpu_has_bf16():
            continue
        options = EngineOptions(
            "cpu", precision=precision, weights=weights, resources=Resources(models=models)
        )
        model = MouthModel("wav2lip", options)
        count = model.batch_size
        windows, pictures = list(mel[:count, 0]), [rng.random((96, 96, 3), np.float32)] * count
        for kind, drawer in (("video", model.for_video()), ("still", model.for_still(pictures[0]))):
            given = (windows, pictures) if kind == "video" else (windows,)
            work[f"{kind}, {precision}"] = (lambda d=drawer, g=given: d(*g), count)
        names = {opened.runtime.value for opened in model._opened.values()}
        print(f"  {precision}: {', '.join(sorted(names))}, {count} faces at once", flush=True)
    least = dict.fromkeys(work, float("inf"))
    for _ in range(ROUNDS):
        for name, (run, count) in work.items():
            repeats = max(1, REFERENCE_BATCH // count // 2)
            started_s = time.perf_counter()
            for _ in range(repeats):
                run()
            spent_ms = (time.perf_counter() - started_s) * 1000 / repeats / count
            least[name] = min(least[name], spent_ms)
    return least


def reference_clip(picture: Path, sound: Path, weights: Path, output: Path) -> None:
    """The stages of the published inference script on a still picture."""
    import cv2
    import torch

    from lipsmith.core.image import Frame
    from lipsmith.core.request import Size
    from lipsmith.engines.wav2lip.mel import mel_spectrogram
    from lipsmith.faces.s3fd_network import S3fd
    from lipsmith.media.video import VideoWriter

    with wave.open(str(sound)) as file:
        samples = (
            np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / 32768
        )
    columns = mel_spectrogram(samples)
    starts = range(int((len(columns) - 16) / 3.2) + 1)
    windows = np.stack([columns[int(i * 3.2) : int(i * 3.2) + 16].T for i in starts])[:, None]
    pixels = cv2.imread(str(picture))
    top, bottom, left, right = 100, 420, 110, 400
    face = cv2.resize(pixels[top:bottom, left:right], (96, 96)).transpose(2, 0, 1)
    one = np.concatenate([face, face]).astype(np.float32) / 255
    one[:3, 48:] = 0
    with torch.no_grad():
        S3fd().eval()(torch.from_numpy(pixels.transpose(2, 0, 1)[None].astype(np.float32)))
    run = reference_generator(weights)
    with VideoWriter(
        output, Size(SIDE_PX, SIDE_PX), Fraction(25), rate_hz=16000, channels=1, overwrite=True
    ) as writer:
        for at in range(0, len(windows), REFERENCE_BATCH):
            batch = windows[at : at + REFERENCE_BATCH]
            made = run(batch, np.repeat(one[None], len(batch), 0))
            for index, mouth in enumerate(made, at):
                drawn = (mouth.transpose(1, 2, 0) * 255).astype(np.uint8)
                frame = pixels.copy()
                frame[top:bottom, left:right] = cv2.resize(drawn, (right - left, bottom - top))
                chunk = samples[index * 640 : (index + 1) * 640, None]
                writer.write(Frame(index, np.ascontiguousarray(frame[:, :, ::-1]), chunk))


def own_clip(picture: Path, sound: Path, weights: Path, models: Path, output: Path) -> None:
    """The same clip as a user makes it."""
    from lipsmith.core.request import RenderRequest
    from lipsmith.pipeline.files import render_files

    options = EngineOptions("cpu", weights=weights, resources=Resources(models=models))
    request = RenderRequest(picture, audio=sound, engine="wav2lip", engine_options=options)
    render_files(request, output, overwrite=True)


def say(path: Path) -> float:
    """Write ten seconds of speech; returns their length in seconds."""
    from lipsmith.media.resampling import Resampler
    from lipsmith.speech.base import SpeechOptions
    from lipsmith.speech.espeak.engine import EspeakEngine

    engine = EspeakEngine()
    speech = engine.speak([TEN_SECONDS], SpeechOptions(voice="en-us"))
    spoken = np.concatenate([chunk.samples for chunk in speech.chunks])
    engine.close()
    resampler = Resampler(speech.rate_hz, 16000, speech.channels)
    samples = np.concatenate([resampler.push(spoken), resampler.finish()])[:, 0]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
    return len(samples) / 16000


def process_cost(stage: str, *paths: Path) -> Cost:
    """What a stage costs in a Python process of its own."""
    command = [sys.executable, "-m", "benchmarks.wav2lip", stage, *map(str, paths)]
    return measure(lambda: subprocess.run(command, check=True))


def main() -> int:
    from importlib.util import find_spec

    if find_spec("torch") is None:
        print("\nWav2Lip: not measured, torch is not installed (make test-neural installs it)")
        return 0
    print("\nWav2Lip, networks as they are run here:")
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights, models = folder / "wav2lip.pth", folder / "models"
        save_checkpoint(weights)
        times = generator_times_ms(weights, models)
        reference_ms = times.pop("reference")
        for what, spent_ms in times.items():
            limit = next(v for k, v in GENERATOR_LIMITS.items() if what.endswith(k))
            detail = f"{spent_ms:.1f} ms a frame, {reference_ms:.1f} ms"
            ratio = spent_ms / reference_ms
            results.append(Result(f"generator, {what} / as published", ratio, limit, "x", detail))
        picture, sound = face_picture(SIDE_PX, folder), folder / "speech.wav"
        duration_s = say(sound)
        own_paths = picture, sound, weights, models, folder / "own.mp4"
        process_cost("own", *own_paths)  # exports the graphs, once
        own, reference = [], []
        for _ in range(ROUNDS):
            own.append(process_cost("own", *own_paths))
            paths = picture, sound, weights, folder / "reference.mp4"
            reference.append(process_cost("reference", *paths))
        mine, theirs = best(own), best(reference)
        what = f"{duration_s:.1f} s of a still, start to end / as published"
        detail = (
            f"{mine.wall_s:.1f} s, {theirs.wall_s:.1f} s; of processors {mine.cpu_s:.1f} s and "
            f"{theirs.cpu_s:.1f} s ({mine.cpu_s / theirs.cpu_s:.2f})"
        )
        results.append(Result(what, mine.wall_s / theirs.wall_s, CLIP_LIMIT, "x", detail))
    return report("Wav2Lip against the published way, both with random weights", results)


if __name__ == "__main__":
    stages = {"own": own_clip, "reference": reference_clip}
    if len(sys.argv) > 1:
        stages[sys.argv[1]](*map(Path, sys.argv[2:]))  # type: ignore[operator]
        sys.exit()
    sys.exit(main())
