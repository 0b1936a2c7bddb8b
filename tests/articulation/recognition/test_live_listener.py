"""Phones while somebody speaks."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.articulation.recognition.live_listener import LIVE_LOOKAHEAD_MS, LiveListener
from lipsmith.articulation.recognition.phone_frames import HeardPhone
from lipsmith.phonetics.espeak import EspeakProcess

RATE_HZ = 16_000
PIECE = 320


@pytest.fixture(scope="module")
def speech() -> NDArray[np.float32]:
    """(n,) at 16 kHz: a second of silence, a sentence with closed lips, a second of silence."""
    import soxr

    with EspeakProcess() as process:
        process.use("es", 150)
        made = [m for m in process.speak("Mi mamá compró una bomba.") if not isinstance(m, list)]
    said = soxr.resample(np.concatenate(made) / 32768, process.rate_hz, RATE_HZ)
    room = np.random.default_rng(0).normal(0, 3e-4, RATE_HZ)
    return np.concatenate([room, said, room]).astype(np.float32)


def pieces(speech: NDArray[np.float32], size: int) -> list[NDArray[np.float32]]:
    return [speech[start : start + size] for start in range(0, len(speech), size)]


def symbols(phones: list[HeardPhone]) -> list[str]:
    """One for each 10 ms."""
    return [phone.symbol for phone in phones for _ in range(phone.start, phone.end)]


def test_each_10_ms_come_within_300_ms(speech: NDArray[np.float32]) -> None:
    listener = LiveListener()
    come = given = 0
    for piece in pieces(speech, PIECE):
        for phone in listener.push(piece):
            assert phone.start == come < phone.end
            come = phone.end
        given += len(piece)
        waiting_ms = given * 1000 / RATE_HZ - (come + 1) * 10
        assert waiting_ms <= LIVE_LOOKAHEAD_MS < 300
    left = listener.finish()
    assert left[0].start == come and left[-1].end == -(-len(speech) // 160)


def test_phones_do_not_depend_on_the_pieces(speech: NDArray[np.float32]) -> None:
    heard = []
    for size in (320, 1600):
        listener = LiveListener()
        phones = [phone for piece in pieces(speech, size) for phone in listener.push(piece)]
        heard.append(symbols(phones + listener.finish()))
    assert heard[0][:-40] == heard[1][:-40]


def test_lips_close_and_the_mouth_rests_in_silence(speech: NDArray[np.float32]) -> None:
    listener = LiveListener()
    phones = [phone for piece in pieces(speech, PIECE) for phone in listener.push(piece)]
    heard = symbols(phones + listener.finish())
    assert set(heard[10:80]) == set(heard[-60:]) == {""}
    contacts = [symbol for symbol, _ in itertools.groupby(heard) if symbol == "m"]
    assert 3 <= len(contacts) <= 9


def test_it_keeps_up_easily(speech: NDArray[np.float32]) -> None:
    listener = LiveListener()
    listener.push(speech[:PIECE])
    began = time.process_time()
    for piece in pieces(speech, PIECE):
        listener.push(piece)
    assert time.process_time() - began < 0.5 * len(speech) / RATE_HZ
