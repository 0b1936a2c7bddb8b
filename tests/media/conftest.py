"""Sound files of every kind, made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray


@pytest.fixture
def encode_sound(tmp_path: Path) -> Callable[..., Path]:
    """encode_sound(name, codec, samples, rate_hz, **options): (n, channels) float32 into a file."""

    def encode(
        name: str, codec: str, samples: NDArray[np.float32], rate_hz: int, **options: str
    ) -> Path:
        layout = {1: "mono", 2: "stereo", 6: "5.1"}[samples.shape[1]]
        path = tmp_path / name
        with av.open(str(path), "w", container_options=options) as container:
            stream = container.add_stream(codec, rate=rate_hz, layout=layout, options=options)
            planes = np.ascontiguousarray(samples.T.astype(np.float32))
            frame = av.AudioFrame.from_ndarray(planes, format="fltp", layout=layout)
            frame.sample_rate, frame.pts = rate_hz, 0
            convert = av.AudioResampler(
                stream.format, stream.layout, rate_hz, stream.codec_context.frame_size or 1024
            )
            for part in [*convert.resample(frame), *convert.resample(None)]:
                container.mux(stream.encode(part))
            container.mux(stream.encode(None))
        return path

    return encode
