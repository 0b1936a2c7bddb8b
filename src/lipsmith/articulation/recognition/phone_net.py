"""What the mouth does in any language, frame by frame, heard by a small network.

The network (`docs/phone-net.md`) is a stack of dilated convolutions that looks 1.3 s back and less
than 0.25 s ahead, so that it serves recordings and live speech alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.phone_net_features import (
    HOP,
    MELS,
    WINDOW,
    LevelTracker,
    log_mels,
)
from lipsmith.core.motion import Viseme

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

VISEMES = tuple(Viseme)
"""The order of the network's outputs."""

LOOKAHEAD_MS = 260
"""The most that a frame has to wait for after its end."""

_MODEL = Path(__file__).with_name("models") / "phone_net.onnx"
_BEFORE = (WINDOW - HOP) // 2
"""Samples that the first frame sees before the sound begins, so that windows lie around frames."""

_FRAMES_BACK, _FRAMES_AHEAD = 114, 23
"""How far an output's inputs reach. Outputs come in steps of two frames."""

_BLOCK_FRAMES = 2000


@dataclass(frozen=True, slots=True)
class MouthFrames:
    """Frames of 10 ms, one after the other.

    visemes: (n, 15) probabilities in the order of `VISEMES`. lips: (n,) that both lips touch.
    speech: (n,) that somebody speaks.
    """

    visemes: NDArray[np.float32]
    lips: NDArray[np.float32]
    speech: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.lips)


class PhoneNet:
    """Listens to one recording, or one person live, as the sound comes.

    The frames do not depend on how the sound is cut into pieces.

    Raises:
        ImportError, RuntimeError: onnxruntime or the network cannot be loaded.
    """

    def __init__(self, model: Path = _MODEL) -> None:
        self._session = _session(model)
        self._tracker = LevelTracker()
        self._sound: NDArray[np.float32]
        self._mels: NDArray[np.float32]
        self._first = self._done = self._samples = 0
        self._begin()

    def push(self, samples: NDArray[np.float32]) -> MouthFrames:
        """(n,) more samples at 16 kHz -> the frames that have been heard out by now.

        A frame comes when at most `LOOKAHEAD_MS` of sound behind it have been pushed.
        """
        self._samples += len(samples)
        self._sound = np.concatenate([self._sound, np.asarray(samples, np.float32)])
        return self._frames(last=False)

    def finish(self) -> MouthFrames:
        """The frames that are left; the last one is filled up with silence.

        What is pushed next follows behind a pause; its frames are counted anew.
        """
        count = -(-self._samples // HOP)
        known = self._first + len(self._mels)
        missing = (count - known) * HOP + WINDOW - HOP - len(self._sound)
        self._sound = np.pad(self._sound, (0, max(0, missing)))
        frames = self._frames(last=True)
        self._begin()
        return frames

    def hear(self, samples: NDArray[np.float32]) -> MouthFrames:
        """The ceil(n / 160) frames of the next (n,) samples, which end in a pause."""
        return _joined([self.push(samples), self.finish()])

    def _begin(self) -> None:
        self._sound = np.zeros(_BEFORE, np.float32)
        self._mels = np.zeros((0, MELS), np.float32)
        self._first = self._done = self._samples = 0

    def _frames(self, *, last: bool) -> MouthFrames:
        parts = []
        while True:
            mels = log_mels(self._sound[: (_BLOCK_FRAMES - 1) * HOP + WINDOW])
            if len(mels):
                self._sound = self._sound[len(mels) * HOP :]
                self._mels = np.concatenate([self._mels, self._tracker.level(mels)])
            ended = last and len(self._sound) < WINDOW
            known = self._first + len(self._mels)
            ready = known if ended else (known - _FRAMES_AHEAD - 1) // 2 * 2 + 2
            if ready > self._done:
                parts.append(self._run(ready))
            if len(self._sound) < WINDOW:
                return _joined(parts)

    def _run(self, ready: int) -> MouthFrames:
        """The frames up to `ready`, of which the network has seen all that it looks at."""
        mels = self._mels if len(self._mels) % 2 == 0 else np.pad(self._mels, ((0, 1), (0, 0)))
        (logits,) = self._session.run(None, {"mels": mels[np.newaxis]})
        heard = logits[0, self._done - self._first : ready - self._first]
        self._done = ready
        keep = max(self._first, (ready - _FRAMES_BACK) // 2 * 2)
        self._mels = self._mels[keep - self._first :]
        self._first = keep
        classes = np.exp(heard[:, :15] - heard[:, :15].max(axis=1, keepdims=True))
        return MouthFrames(
            visemes=classes / classes.sum(axis=1, keepdims=True),
            lips=1 / (1 + np.exp(-heard[:, 15])),
            speech=1 / (1 + np.exp(-heard[:, 16])),
        )


def _joined(parts: list[MouthFrames]) -> MouthFrames:
    if not parts:
        none = np.zeros(0, np.float32)
        return MouthFrames(np.zeros((0, len(VISEMES)), np.float32), none, none)
    return MouthFrames(
        np.concatenate([part.visemes for part in parts]),
        np.concatenate([part.lips for part in parts]),
        np.concatenate([part.speech for part in parts]),
    )


def _session(model: Path) -> InferenceSession:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(
        model.read_bytes(), options, providers=["CPUExecutionProvider"]
    )
