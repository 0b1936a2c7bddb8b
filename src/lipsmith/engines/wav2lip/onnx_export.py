"""Wav2Lip as others exported it: an ONNX graph of the whole network, under whatever names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lipsmith.engines.wav2lip.crop import SIDE_PX
from lipsmith.engines.wav2lip.mel import BANDS, STEPS
from lipsmith.errors import CheckpointError
from lipsmith.neural.device import Device

_MEL, _FACES = (1, BANDS, STEPS), (6, SIDE_PX, SIDE_PX)
_TYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}


class PublicGraph:
    """Runs such a graph. Which input is which is told by their shapes, not by their names."""

    def __init__(self, path: Path, device: Device) -> None:
        """
        Raises:
            CheckpointError: the file is damaged, or the graph is of something else.
        """
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.log_severity_level = 3
        providers = ["CPUExecutionProvider"]
        if device.kind == "cuda" and "CUDAExecutionProvider" in ort.get_available_providers():
            providers.insert(0, "CUDAExecutionProvider")
        try:
            self._session = ort.InferenceSession(str(path), options, providers=providers)
        except Exception as error:  # ONNX Runtime has kinds of its own
            raise CheckpointError(
                f"{path} cannot be read as an ONNX graph ({str(error).splitlines()[0][:160]})"
            ) from error
        inputs = {_tail(each.shape, len(_MEL)): each for each in self._session.get_inputs()}
        mel, faces = inputs.get(_MEL), inputs.get(_FACES)
        if mel is None or faces is None or len(inputs) != 2:
            shapes = ", ".join(f"{e.name} {e.shape}" for e in self._session.get_inputs())
            raise CheckpointError(
                f"{path} is not Wav2Lip: its inputs are {shapes} instead of (batch, 1, 80, 16) "
                "and (batch, 6, 96, 96); graphs for larger faces than 96 px are other models"
            )
        self._mel, self._faces = mel, faces
        batch = faces.shape[0]
        self._batch = batch if isinstance(batch, int) else None

    def __call__(
        self, mel: NDArray[np.float32], faces: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32]]:
        """mel: (n, 1, 80, 16). faces: (n, 6, 96, 96). Returns (n, 3, 96, 96)."""
        count = len(mel)
        size = self._batch or count
        made = [
            self._run(mel[at : at + size], faces[at : at + size], size)
            for at in range(0, count, size)
        ]
        return (np.concatenate(made)[:count],)

    def _run(self, mel: Any, faces: Any, size: int) -> NDArray[np.float32]:
        short = size - len(mel)  # the last of a graph whose batches have one size
        if short:
            mel = np.concatenate([mel, np.repeat(mel[-1:], short, 0)])
            faces = np.concatenate([faces, np.repeat(faces[-1:], short, 0)])
        given = {
            self._mel.name: mel.astype(_TYPES.get(self._mel.type, np.float32)),
            self._faces.name: faces.astype(_TYPES.get(self._faces.type, np.float32)),
        }
        return np.asarray(self._session.run(None, given)[0], np.float32)


def _tail(shape: list[int | str | None], count: int) -> tuple[int | str | None, ...]:
    """The sides behind the batch. Graphs with a batch and a time axis are not known here."""
    return tuple(shape[1:]) if len(shape) == count + 1 else tuple(shape)
