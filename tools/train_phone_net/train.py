"""Trains the network of `lipsmith.articulation.recognition.phone_net`: WORK_FOLDER/phone_net.onnx.

    python tools/train_phone_net/train.py WORK_FOLDER

WORK_FOLDER holds what collect.py made; docs/phone-net.md tells what that needs. The same examples
and steps on the same machine give the same network.
"""

from __future__ import annotations

import argparse
import pickle
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch
from augment import streams
from collect import MUSIC_FILE, SOURCES
from examples import VISEMES
from network import PhoneNetwork, write_onnx
from torch import Tensor
from torch.nn import functional

from lipsmith.articulation.recognition.phone_net_features import (
    HOP,
    MELS,
    WINDOW,
    LevelTracker,
    log_mels,
)
from lipsmith.core.motion import Viseme

VALIDATION = ("festival/czech_dita", "asterisk/it-carlo")
TEST = (
    "festival/ked_diphone",
    "flite/rms",
    "festival/pc_diphone",
    "festival/telugu_NSK_diphone",
    "asterisk/ru-ivrvoice",
)
"""Voices that the network never learns from. Of Telugu it hears no other voice either."""

_COPIES = 1
_RECORDED_COPIES = {"asterisk": 3, "festvox": 2}
"""How often each utterance is heard in a pass, worn in another way each time; recordings of people
more often than synthetic voices."""

_FRAMES = 1000
_BATCH = 8
_RATE = 2.5e-3
_LIPS = VISEMES.index(Viseme.PP)


def features(samples: np.ndarray) -> np.ndarray:
    """(n // 160, MELS) float16, frame k about samples k * 160 up to k * 160 + 160."""
    before = (WINDOW - HOP) // 2
    padded = np.pad(samples, (before, WINDOW - HOP - before))
    return LevelTracker().level(log_mels(padded)).astype(np.float16)


def load(folder: Path, source: str, copies: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(streams, _FRAMES, MELS) features, (streams, _FRAMES) visemes; -1 behind the end."""
    rng = np.random.default_rng([seed, *source.encode()])
    examples = pickle.loads((folder / f"{source.replace('/', '-')}.pickle").read_bytes())
    music = np.load(folder / MUSIC_FILE)
    found = [stream for _ in range(copies) for stream in streams(examples, music, rng)]
    inputs = np.zeros((len(found), _FRAMES, MELS), np.float16)
    targets = np.full((len(found), _FRAMES), -1, np.int8)
    for x, y, (samples, visemes) in zip(inputs, targets, found, strict=True):
        heard = features(samples)[:_FRAMES]
        x[: len(heard)] = heard
        y[: len(heard)] = visemes[: len(heard)]
    return inputs, targets


def load_all(folder: Path, sources: Sequence[str], seed: int) -> tuple[Tensor, Tensor]:
    """Every source as in `load`, as often as `_RECORDED_COPIES` and `_COPIES` tell."""
    copies = [_RECORDED_COPIES.get(source.partition("/")[0], _COPIES) for source in sources]
    count = len(sources)
    with ProcessPoolExecutor(2) as pool:
        parts = list(pool.map(load, [folder] * count, sources, copies, [seed] * count))
    inputs, targets = zip(*parts, strict=True)
    return torch.from_numpy(np.concatenate(inputs)), torch.from_numpy(np.concatenate(targets))


def vary(x: Tensor) -> Tensor:
    """Other throats (warped mel axis), other microphones, holes in time and pitch."""
    count, frames, mels = x.shape
    axis = torch.linspace(-1, 1, mels)
    warp = (torch.rand(count, 1) * 2 - 1) * 0.14
    at = axis + warp * (1 - axis**2)
    grid = torch.zeros(count, frames, mels, 2)
    grid[..., 0] = at[:, None, :]
    grid[..., 1] = torch.linspace(-1, 1, frames)[None, :, None]
    x = functional.grid_sample(x[:, None], grid, align_corners=True)[:, 0]
    tilt = torch.randn(count, 1, 4) * 0.25
    x = x + functional.interpolate(tilt, mels, mode="linear", align_corners=True)
    for row in x:
        for _ in range(2):
            start = int(torch.randint(0, mels, ()))
            row[:, start : start + int(torch.randint(0, 7, ()))] = 0
        for _ in range(3):
            start = int(torch.randint(0, frames, ()))
            row[start : start + int(torch.randint(0, 8, ()))] = 0
    return x


def loss_of(out: Tensor, y: Tensor, weights: Tensor) -> Tensor:
    known = y >= 0
    visemes, lips, speech = out[..., :15][known], out[..., 15][known], out[..., 16][known]
    target = y[known]
    loss = functional.cross_entropy(visemes, target, weight=weights, label_smoothing=0.05)
    closed = (target == _LIPS).float()
    loss += 0.5 * functional.binary_cross_entropy_with_logits(
        lips, closed, pos_weight=torch.tensor(3.0)
    )
    return loss + 0.2 * functional.binary_cross_entropy_with_logits(speech, (target > 0).float())


def train(folder: Path, steps: int) -> PhoneNetwork:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # several wait for each other longer than they work
    known = [source for source in SOURCES if source not in VALIDATION + TEST]
    inputs, targets = load_all(folder, known, seed=0)
    shares = torch.bincount(targets[targets >= 0].long(), minlength=15).float()
    weights = (shares / shares.sum()).clamp_min(1e-4) ** -0.3
    weights /= (weights * shares / shares.sum()).sum()
    print(f"{len(inputs)} streams, {(targets >= 0).sum() / 6000:.0f} min", flush=True)
    trials = [load_all(folder, [source], seed=1) for source in VALIDATION]
    network = PhoneNetwork()
    print(f"{sum(p.numel() for p in network.parameters())} parameters", flush=True)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.995), use_buffers=True
    )
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=0.02)
    step, began = 0, time.monotonic()
    while step < steps:
        network.train()
        total = 0.0
        batches = torch.randperm(len(inputs)).split(_BATCH)[: steps - step]
        for rows in batches:
            fade = 0.5 + 0.5 * np.cos(np.pi * step / steps)
            optimizer.param_groups[0]["lr"] = _RATE * min(1, step / 200) * fade
            x, y = vary(inputs[rows].float()), targets[rows].long()
            with torch.autocast("cpu", torch.bfloat16):
                out = network(x)
            loss = loss_of(out.float(), y, weights)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
            optimizer.step()
            average.update_parameters(network)
            total += loss.item()
            step += 1
        minutes = (time.monotonic() - began) / 60
        print(f"step {step}, {minutes:.0f} min: loss {total / len(batches):.3f}", end="")
        for source, trial in zip(VALIDATION, trials, strict=True):
            print(f" | {source}", _score(average.module, *trial), end="")
        print(flush=True)
        write_onnx(average.module, folder / "phone_net.onnx")
    return average.module


@torch.no_grad()
def _score(network: PhoneNetwork, x: Tensor, y: Tensor) -> str:
    network.eval()
    out = network(x.float())
    known = y >= 0
    best = out[..., :15].argmax(-1)[known]
    said = y[known]
    closed, lips = out[..., 15][known] > 0.7, said == _LIPS
    both = (closed & lips).sum()
    f1 = 2 * both / (closed.sum() + lips.sum())
    return f"{(best == said).float().mean():.3f} lips {f1:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--steps", type=int, default=5000)
    options = parser.parse_args()
    train(options.folder, options.steps)


if __name__ == "__main__":
    main()
