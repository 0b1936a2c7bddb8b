"""Visemes heard by the network, live and offline."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from lipsmith.articulation.recognition.phone_net import LOOKAHEAD_MS, VISEMES, MouthFrames, PhoneNet
from lipsmith.articulation.recognition.phone_net_decoding import likeliest_phones
from lipsmith.articulation.recognition.sphinx import TimedName
from lipsmith.core.motion import Viseme
from lipsmith.phonetics.espeak import EspeakProcess
from lipsmith.phonetics.visemes import visemes_of

RATE_HZ = 16_000
FRAME = 160


@pytest.fixture(scope="module")
def speech() -> NDArray[np.float32]:
    """(n,) at 16 kHz: two Spanish sentences, in which lips meet, and a pause between them."""
    import soxr

    said = []
    with EspeakProcess() as process:
        process.use("es", 150)
        for text in ("Mi mamá compró una bomba.", "Sube papá por la cama."):
            made = [m for m in process.speak(text) if not isinstance(m, list)]
            said.append(soxr.resample(np.concatenate(made) / 32768, process.rate_hz, RATE_HZ))
    room = np.random.default_rng(0).normal(0, 3e-4, RATE_HZ)
    return np.concatenate([room, said[0], room, said[1], room]).astype(np.float32)


@pytest.fixture(scope="module")
def net() -> PhoneNet:
    return PhoneNet()


def test_frames_do_not_depend_on_the_pieces_that_the_sound_comes_in(
    speech: NDArray[np.float32],
) -> None:
    whole = PhoneNet().hear(speech)
    live = PhoneNet()
    cuts = np.cumsum(np.random.default_rng(1).integers(1, 3000, 200))
    parts = [live.push(piece) for piece in np.split(speech, cuts[cuts < len(speech)])]
    parts.append(live.finish())
    assert len(whole) == -(-len(speech) // FRAME)
    for name in ("visemes", "lips", "speech"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_allclose(joined, getattr(whole, name), atol=1e-4)


def test_a_live_frame_waits_less_than_300_ms(net: PhoneNet, speech: NDArray[np.float32]) -> None:
    given = come = 0
    for start in range(0, len(speech) - 320, 320):
        come += len(net.push(speech[start : start + 320]))
        given += 320
        assert given * 1000 / RATE_HZ - (come + 1) * 10 <= LOOKAHEAD_MS < 300
    net.finish()


def test_a_long_recording_is_heard_as_its_parts_are(speech: NDArray[np.float32]) -> None:
    long = np.tile(speech, 6)
    frames = PhoneNet().hear(long)
    live = PhoneNet()
    parts = [
        live.push(piece) for piece in np.split(long, 40 * np.arange(1, len(long) // 64000) * 1600)
    ]
    count = sum(map(len, parts)) + len(live.finish())
    assert len(frames) == count == -(-len(long) // FRAME)


def test_nothing_pushed_gives_no_frames(net: PhoneNet) -> None:
    assert len(net.hear(np.zeros(0, np.float32))) == 0


@pytest.mark.parametrize("gain", [0.03, 1.0])
def test_pauses_are_silent_and_words_are_not(speech: NDArray[np.float32], gain: float) -> None:
    frames = PhoneNet().hear(speech * np.float32(gain))
    levels = np.abs(speech[: len(speech) // FRAME * FRAME].reshape(-1, FRAME)).max(axis=1)
    loud = levels > 0.1
    assert frames.speech[: len(loud)][loud].mean() > 0.9
    assert frames.speech[20:80].mean() < 0.2


def test_lips_meet_where_they_are_heard_to(speech: NDArray[np.float32]) -> None:
    """Three or more of the six contacts in "Mi mamá compró una bomba", and few elsewhere."""
    found = likeliest_phones(PhoneNet().hear(speech), None, "es")
    contacts = [phone for phone in found if visemes_of(phone.symbol or "") == (Viseme.PP,)]
    assert 6 <= len(contacts) <= 16


def test_phones_last_30_ms_and_leave_no_gap(speech: NDArray[np.float32]) -> None:
    frames = PhoneNet().hear(speech)
    found = likeliest_phones(frames, [TimedName("AA", 120, 140), TimedName("", 140, 200)], "es")
    assert found[0].start == 0 and found[-1].end == len(frames)
    assert all(a.end == b.start for a, b in itertools.pairwise(found))
    assert min(phone.end - phone.start for phone in found[1:-1]) >= 3


def test_the_recogniser_decides_where_the_network_doubts() -> None:
    doubt = np.full((40, 15), 1e-3, np.float32)
    doubt[:, VISEMES.index(Viseme.AA)] = doubt[:, VISEMES.index(Viseme.E)] = 0.49
    frames = MouthFrames(doubt, np.full(40, 0.02, np.float32), np.ones(40, np.float32))
    found = likeliest_phones(frames, [TimedName("EH", 0, 40)], "es")
    assert [visemes_of(phone.symbol or "") for phone in found] == [(Viseme.E,)]


def test_the_network_is_small_and_quick() -> None:
    import time

    sound = np.random.default_rng(0).normal(0, 0.05, 10 * RATE_HZ).astype(np.float32)
    net = PhoneNet()
    net.hear(sound[:RATE_HZ])
    began = time.process_time()
    net.hear(sound)
    assert time.process_time() - began < 10 / 5
