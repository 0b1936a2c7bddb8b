"""The espeak-ng process: start, speak, stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest

from lipsmith.errors import RenderError
from lipsmith.phonetics import espeak
from lipsmith.phonetics.espeak import EspeakEvent, EspeakProcess, EventKind

needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")


def say(process: EspeakProcess, text: str) -> tuple[np.ndarray, list[EspeakEvent]]:
    samples, events = [], []
    for made in process.speak(text):
        if isinstance(made, list):
            events += made
        else:
            samples.append(made)
    return np.concatenate(samples), events


def test_words_become_samples_and_timed_phonemes() -> None:
    with EspeakProcess() as process:
        assert process.use("gmw/en-US")
        samples, events = say(process, "My baby.")
    phonemes = [event for event in events if event.kind == EventKind.PHONEME and event.phoneme]
    assert [event.phoneme.strip("ˈˌ") for event in phonemes] == ["m", "aɪ", "b", "eɪ", "b", "i"]
    times = [event.sample for event in phonemes]
    assert times == sorted(times) and times[-1] < len(samples)
    assert 0.4 < len(samples) / process.rate_hz < 1.5


def test_an_event_comes_before_the_sound_it_is_in() -> None:
    with EspeakProcess() as process:
        process.use("gmw/en-US")
        received = 0
        for made in process.speak("A rather long sentence about nothing in particular."):
            if isinstance(made, list):
                assert all(e.sample >= received for e in made if e.kind == EventKind.PHONEME)
            else:
                received += len(made)


def test_an_unknown_voice_is_refused() -> None:
    with EspeakProcess() as process:
        assert not process.use("gmw/en-Mars")


def test_it_starts_fast() -> None:
    fastest = 1.0
    for _ in range(5):
        begin = time.perf_counter()
        EspeakProcess().close()
        fastest = min(fastest, time.perf_counter() - begin)
    assert fastest < 0.15


def test_a_dead_process_is_an_error_and_no_hang() -> None:
    process = EspeakProcess()
    process.use("gmw/en-US")
    os.kill(process._process.pid, signal.SIGKILL)
    with pytest.raises(RenderError, match="espeak-ng"):
        say(process, "Hello")
    process.close()


def test_close_stops_it_in_the_middle_of_a_text() -> None:
    process = EspeakProcess()
    process.use("gmw/en-US")
    speech = process.speak("word " * 2000)
    next(speech)
    process.close()
    with pytest.raises(RenderError, match="stopped"):
        for _ in speech:
            pass


@needs_proc
def test_it_waits_for_its_reader() -> None:
    """Speech that nobody takes is not made: an hour of text never sits in memory."""
    with EspeakProcess() as process:
        process.use("gmw/en-US")
        speech = process.speak("word " * 20_000)
        next(speech)
        before = _cpu_seconds(process._process.pid)
        time.sleep(0.3)
        assert _cpu_seconds(process._process.pid) - before < 0.1


@needs_proc
def test_it_dies_with_its_parent() -> None:
    parent = textwrap.dedent(
        """
        import os
        from lipsmith.phonetics.espeak import EspeakProcess
        process = EspeakProcess()
        process.use("gmw/en-US")
        next(process.speak("word " * 20_000))
        print(process._process.pid, flush=True)
        os.kill(os.getpid(), 9)
        """
    )
    done = subprocess.run([sys.executable, "-c", parent], capture_output=True, text=True)
    pid = int(done.stdout)
    for _ in range(50):
        if not Path(f"/proc/{pid}").exists() or "Z" in _state(pid):
            return
        time.sleep(0.1)
    raise AssertionError("espeak-ng outlived its parent")


def test_a_long_data_path_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path.joinpath(*["a-rather-long-folder-name-" * 3] * 2)
    folder.mkdir(parents=True)
    data = folder / "espeak-ng-data"
    data.symlink_to(espeakng_loader.get_data_path(), target_is_directory=True)
    assert len(str(data)) >= 160
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(data))
    with EspeakProcess() as process:
        assert process.use("gmw/en-US")


def test_missing_data_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path))
    with pytest.raises(RenderError, match="data"):
        espeak.EspeakProcess()


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "Z"
