"""Phones of somebody who is speaking right now."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lipsmith.articulation.recognition.phone_frames import HeardPhone
from lipsmith.articulation.recognition.phone_net import LOOKAHEAD_MS, PhoneNet
from lipsmith.articulation.recognition.phone_net_decoding import representative, viseme_scores
from lipsmith.articulation.recognition.viseme_path import VisemePath

_DECIDED_AFTER_FRAMES = 3
LIVE_LOOKAHEAD_MS = LOOKAHEAD_MS + 10 * _DECIDED_AFTER_FRAMES
"""The most sound behind a frame that has to be pushed before the frame's phone is told."""

_VISEMES = 15


class LiveListener:
    """Tells what the mouth does while the sound comes in, in any language, by the network alone.

    How the sound is cut into pieces changes nothing but when the phones come.

    Raises:
        ImportError, RuntimeError: onnxruntime or the network cannot be loaded.
    """

    def __init__(self) -> None:
        self._net = PhoneNet()
        self._path = VisemePath(_VISEMES)
        self._frames = 0

    def push(self, samples: NDArray[np.float32]) -> list[HeardPhone]:
        """(n,) more samples at 16 kHz, -1..1 -> what has been heard out by now.

        Phones follow each other without gaps, "" is a pause; one that goes on comes in parts with
        the same symbol. Each 10 ms come when at most `LIVE_LOOKAHEAD_MS` of sound behind them have
        been pushed.
        """
        decided = []
        for row in viseme_scores(self._net.push(samples)):
            self._path.extend(row[np.newaxis])
            decided.append(self._path.take(_DECIDED_AFTER_FRAMES))
        return self._phones(np.concatenate(decided)) if decided else []

    def finish(self) -> list[HeardPhone]:
        """What is left; nothing can be pushed behind it."""
        self._path.extend(viseme_scores(self._net.finish()))
        return self._phones(self._path.take())

    def _phones(self, visemes: NDArray[np.int_]) -> list[HeardPhone]:
        edges = [0, *(np.flatnonzero(np.diff(visemes)) + 1).tolist(), len(visemes)]
        phones = [
            HeardPhone(
                representative(int(visemes[start]))[1], self._frames + start, self._frames + end
            )
            for start, end in pairwise(edges)
            if end > start
        ]
        self._frames += len(visemes)
        return phones
