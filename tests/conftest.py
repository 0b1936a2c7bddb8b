"""Tiny inputs that any test can use, and the ban on the network."""

from __future__ import annotations

import signal
import socket
import wave
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import lipsmith

PORTRAIT = Path(lipsmith.__file__).parent / "assets" / "portrait.png"


NO_TORCH = "torch is not installed; `make test-neural` installs it and runs these"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Neural tests run where torch is installed, slow ones and those with S3 when asked for."""
    if find_spec("torch") is None:
        for item in items:
            if item.get_closest_marker("neural"):
                item.add_marker(pytest.mark.skip(reason=NO_TORCH))
    if config.option.markexpr:
        return
    for item in items:
        for marker in ("slow", "s3"):
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"run with `make test-{marker}`"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many neural tests were skipped, and why; whole files that are have no keywords."""
    skipped = [
        each
        for each in terminalreporter.stats.get("skipped", ())
        if "neural" in getattr(each, "keywords", ())
    ]
    if skipped and find_spec("torch") is None:
        terminalreporter.write_line(f"{len(skipped)} neural tests were skipped: {NO_TORCH}")


@pytest.fixture(autouse=True, scope="session")
def ctrl_c_works() -> None:
    """Also where a shell started the tests in the background: children inherit what is ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections to anything but this machine's own sockets fail."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise AssertionError(f"a test tried to connect to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(scope="session")
def portrait_path() -> Path:
    """The portrait that ships with the package, 512x512."""
    return PORTRAIT


@pytest.fixture
def portrait_pixels() -> NDArray[np.uint8]:
    """(512, 512, 3), the same portrait; each test has its own copy."""
    with Image.open(PORTRAIT) as image:
        return np.array(image.convert("RGB"))


@pytest.fixture
def write_wav(tmp_path: Path) -> Callable[..., Path]:
    """write_wav(samples, rate_hz=16000, name="sound.wav"): 16-bit WAV of (n,) or (n, channels)."""

    def write(
        samples: NDArray[np.floating[Any]], rate_hz: int = 16000, name: str = "sound.wav"
    ) -> Path:
        samples = samples[:, None] if samples.ndim == 1 else samples
        path = tmp_path / name
        with wave.open(str(path), "wb") as file:
            file.setnchannels(samples.shape[1])
            file.setsampwidth(2)
            file.setframerate(rate_hz)
            file.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
        return path

    return write


@pytest.fixture
def hum() -> Callable[..., NDArray[np.float32]]:
    """hum(seconds, rate_hz=16000): (n, 1), a voiced buzz of 120 Hz that swells four times a second.

    It is no speech, but it has the rhythm and the spectrum of a vowel said again and again.
    """

    def make(seconds: float, rate_hz: int = 16000) -> NDArray[np.float32]:
        t = np.arange(round(seconds * rate_hz)) / rate_hz
        harmonics = range(1, min(25, rate_hz // 240))
        buzz = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in harmonics)
        swell = 0.5 - 0.5 * np.cos(2 * np.pi * 4 * t)
        return (0.3 * buzz * swell).astype(np.float32)[:, None]

    return make


@pytest.fixture(scope="session")
def s3() -> Iterator[Any]:
    """A `RunningS3`: a server of these tests' own."""
    from running_s3 import RunningS3

    running = RunningS3()
    yield running
    running.stop()
