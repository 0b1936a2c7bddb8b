"""An engine's process: calls, streams, stops, and every way in which it can go wrong."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lipsmith.environments.process import EngineProcess
from lipsmith.errors import OptionError, RenderError

TALKER = Path(__file__).with_name("talker.py")
needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks into /proc")


@pytest.fixture
def engine() -> Iterator[EngineProcess]:
    with EngineProcess(
        Path(sys.executable), TALKER, "the engine 'talker'", silence_s=10
    ) as process:
        yield process


def test_texts_go_in_one_by_one_and_samples_come_out(engine: EngineProcess) -> None:
    taken: list[str] = []

    def texts() -> Iterator[dict[str, object]]:
        for text in ("one", "three", ""):
            taken.append(text)
            yield {"text": text, "sound": np.zeros(len(text), np.float32)}

    said = engine.call("say", inputs=texts())
    first = next(said)
    assert taken == ["one"]
    assert first["text"] == "ONE"
    assert first["heard"] == 3
    assert first["samples"].dtype == np.float32
    assert first["samples"].tolist() == [0, 0.125, 0.25]
    assert [len(made["samples"]) for made in said] == [5, 0]


def test_pictures_stream_with_progress(engine: EngineProcess) -> None:
    told: list[float | None] = []
    frames = list(
        engine.call(
            "frames", {"size": [8, 4], "count": 5}, on_progress=lambda share, _: told.append(share)
        )
    )
    assert [int(frame["image"].max()) for frame in frames] == [0, 1, 2, 3, 4]
    assert all(frame["image"].shape == (4, 8, 3) for frame in frames)
    assert all(frame["image"].dtype == np.uint8 for frame in frames)
    assert told == [0, 0.2, 0.4, 0.6, 0.8]


@needs_proc
def test_a_slow_reader_holds_the_engine_up(engine: EngineProcess) -> None:
    size = [1280, 720]
    frames = engine.call("frames", {"size": size, "count": 200})
    next(frames)
    time.sleep(0.5)
    made = Path(f"/proc/{engine._child._process.pid}/io").read_text()
    written = int(made.split("wchar: ")[1].split()[0])
    assert written < 20 * size[0] * size[1] * 3
    assert sum(1 for _ in frames) == 199


@pytest.mark.parametrize("closed", [True, False])
def test_a_stream_is_left_for_another_call(engine: EngineProcess, closed: bool) -> None:
    frames = engine.call("frames", {"size": [640, 360], "count": 10**9})
    next(frames)
    if closed:
        frames.close()
    (said,) = engine.call("say", inputs=[{"text": "again"}])
    assert said["text"] == "AGAIN"


def test_inputs_that_fail_stop_the_call(engine: EngineProcess) -> None:
    def texts() -> Iterator[dict[str, object]]:
        yield {"text": "one"}
        raise ValueError("no more text")

    with pytest.raises(ValueError, match="no more text"):
        list(engine.call("say", inputs=texts()))
    assert engine.ask("check") == {"fine": True}


def test_a_refusal_is_a_plain_error(engine: EngineProcess) -> None:
    with pytest.raises(OptionError) as refused:
        engine.ask("refuse", {"kind": "option"})
    assert str(refused.value) == "there is no voice 'bob'"
    assert engine.ask("check") == {"fine": True}


def test_a_bug_names_the_engine_and_keeps_its_traceback(engine: EngineProcess) -> None:
    with pytest.raises(RenderError, match="'talker' failed: ZeroDivisionError: by nothing") as seen:
        engine.ask("crash")
    told = "".join(traceback.format_exception(seen.value))
    assert "talker.py" in told
    assert "in crash" in told
    assert engine.ask("check") == {"fine": True}


def test_an_unknown_method_is_refused(engine: EngineProcess) -> None:
    for name in ("sing", "_secret"):
        with pytest.raises(RenderError, match="no method"):
            engine.ask(name)


def test_a_death_tells_the_last_words(engine: EngineProcess) -> None:
    with pytest.raises(RenderError, match=r"exit code 3\): malloc\(\): corrupted") as seen:
        engine.ask("die")
    assert "first" in str(seen.value.__cause__)
    with pytest.raises(RenderError):
        engine.ask("check")


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_process_without_a_sign_of_life_is_stopped() -> None:
    with (
        EngineProcess(Path(sys.executable), TALKER, "the engine", silence_s=3) as engine,
        pytest.raises(RenderError, match="did not answer for 3 s"),
    ):
        engine.ask("hang")


def test_long_work_is_no_silence() -> None:
    with EngineProcess(Path(sys.executable), TALKER, "the engine", silence_s=2) as engine:
        assert engine.ask("slow", {"seconds": 3}) == {"slept": 3}


def test_an_adapter_that_cannot_be_imported(tmp_path: Path) -> None:
    adapter = tmp_path / "broken.py"
    adapter.write_text("import no_such_package_at_all\n")
    with pytest.raises(RenderError, match="the engine 'x' failed: ModuleNotFoundError"):
        EngineProcess(Path(sys.executable), adapter, "the engine 'x'")


def test_a_python_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="cannot be started"):
        EngineProcess(tmp_path / "python", TALKER, "the engine 'x'")


@needs_proc
def test_closing_is_at_once_and_leaves_no_process(engine: EngineProcess) -> None:
    call = engine.call("slow", {"seconds": 60})
    process = engine._child._process
    started = time.monotonic()
    engine.close()
    assert time.monotonic() - started < 2
    assert process.poll() is not None
    with pytest.raises(RenderError, match="was stopped"):
        next(call)


@needs_proc
def test_the_process_dies_with_its_parent(tmp_path: Path) -> None:
    code = f"""
        import sys, time
        from pathlib import Path
        from lipsmith.environments.process import EngineProcess
        engine = EngineProcess(Path(sys.executable), Path({str(TALKER)!r}), "x")
        call = engine.call("slow", dict(seconds=60))
        print(engine._child._process.pid, flush=True)
        time.sleep(60)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert Path(f"/proc/{child}").exists()
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    gone = time.monotonic() + 5
    while _runs(child) and time.monotonic() < gone:
        time.sleep(0.05)
    assert not _runs(child)


@needs_proc
def test_ctrl_c_does_not_reach_the_process(engine: EngineProcess) -> None:
    engine._child._process.send_signal(signal.SIGINT)
    assert engine.ask("check") == {"fine": True}


def _runs(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    try:
        return "State:\tZ" not in status.read_text()
    except OSError:
        return False
