"""Batches from Python: what is made, what is skipped, and what the report says."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import lipsmith
from lipsmith.core.options import EngineOptions
from lipsmith.errors import JobsError, OptionError, OutputError
from lipsmith.pipeline.batch import RowState, _alone
from lipsmith.pipeline.cache import RenderCache
from lipsmith.registry import EngineKind, find_engine

MADE, SKIPPED, FAILED = RowState


@pytest.fixture
def write_jobs(tmp_path: Path, portrait_path: Path) -> Callable[..., Path]:
    """write_jobs(rows): jobs.csv in a folder of its own, beside face.png; small pictures."""
    shutil.copy(portrait_path, tmp_path / "face.png")

    def write(*rows: str, header: str = "picture,text,out") -> Path:
        (tmp_path / "jobs.csv").write_text("\n".join((header, *rows)) + "\n", encoding="utf-8")
        return tmp_path / "jobs.csv"

    return write


def _run(jobs: Path, **options: Any) -> list[str]:
    return [str(row.state) for row in lipsmith.batch(jobs, size="128x128", **options).rows]


def _report(jobs: Path) -> list[dict[str, Any]]:
    lines = jobs.with_name(f"{jobs.name}.report.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_a_bad_row_does_not_stop_the_others(
    write_jobs: Callable[..., Path], tmp_path: Path
) -> None:
    jobs = write_jobs(
        "face.png,Hi.,one.mp4",
        "nobody.png,Hi.,two.mp4",
        "face.png,Hi.,one.mp4",
        "face.png,,three.mp4",
        "face.png,Hi.,no/where.mp4",
        "face.png,Bye.,four.webm",
    )
    report = lipsmith.batch(jobs, size="128x128")
    assert [row.state for row in report.rows] == [MADE, FAILED, FAILED, FAILED, FAILED, MADE]
    assert (report.count(MADE), report.count(FAILED)) == (2, 4)
    errors = [row.error for row in report.rows[1:5]]
    for error, words in zip(
        errors,
        ["nobody.png", "written by line 2", "give a text", "no such folder"],
        strict=True,
    ):
        assert words in error
    assert (tmp_path / "one.mp4").stat().st_size > 1000
    assert report.log == tmp_path / "jobs.csv.report.jsonl"
    written = _report(jobs)
    assert [(row["line"], row["state"]) for row in written] == [
        (2, "made"), (3, "failed"), (4, "failed"), (5, "failed"), (6, "failed"), (7, "made"),
    ]  # fmt: skip
    first = report.rows[0].report
    assert first is not None
    assert written[0]["output"] == "one.mp4"
    assert written[0]["frames"] == first.frames
    assert written[0]["bytes"] == (tmp_path / "one.mp4").stat().st_size
    assert not list(tmp_path.glob(".*"))


def test_what_is_whole_and_unchanged_is_skipped(
    write_jobs: Callable[..., Path], tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        (tmp_path / name).write_text("Hi.")
    header = "picture,text_file,out"
    rows = [f"face.png,{n}.txt,{n}.gif" for n in "abc"]
    jobs = write_jobs(*rows, header=header)
    assert _run(jobs) == [MADE, MADE, MADE]
    before = (tmp_path / "a.gif").stat().st_mtime_ns
    assert _run(jobs) == [SKIPPED, SKIPPED, SKIPPED]
    assert (tmp_path / "a.gif").stat().st_mtime_ns == before
    assert [row["state"] for row in _report(jobs)] == ["made", "made", "made"]

    (tmp_path / "a.txt").write_text("Ho.")
    (tmp_path / "b.gif").unlink()
    jobs = write_jobs("", *rows, header=header)
    assert _run(jobs) == [MADE, MADE, SKIPPED], "only the third and what it reads is as it was"
    assert [row["line"] for row in _report(jobs)] == [3, 4, 5]
    assert _run(jobs, seed=1) == [MADE, MADE, MADE], "options of all rows are those of each"


def test_only_what_a_batch_made_is_replaced_unasked(
    write_jobs: Callable[..., Path], tmp_path: Path
) -> None:
    (tmp_path / "mine.gif").write_bytes(b"mine")
    jobs = write_jobs("face.png,Hi.,mine.gif")
    assert _run(jobs) == [FAILED]
    assert (tmp_path / "mine.gif").read_bytes() == b"mine"
    assert _run(jobs, overwrite=True) == [MADE]
    jobs = write_jobs("face.png,Ho.,mine.gif")
    assert _run(jobs) == [MADE]
    with (tmp_path / "mine.gif").open("ab") as file:
        file.write(b"changed by somebody else")
    assert _run(jobs) == [FAILED]


def test_a_stopped_batch_goes_on(write_jobs: Callable[..., Path], tmp_path: Path) -> None:
    jobs = write_jobs("face.png,One.,1.gif", "face.png,Two.,2.gif", "face.png,Three.,3.gif")
    log = tmp_path / "jobs.csv.report.jsonl"

    def stop(progress: lipsmith.BatchProgress) -> None:
        if progress.line == 3 and progress.render is not None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _run(jobs, progress=stop)
    assert sorted(p.name for p in tmp_path.glob("*.gif")) == ["1.gif"]
    assert [row["line"] for row in _report(jobs)] == [2]
    log.write_text(log.read_text() + '{"line": 3, "state": "ma')  # killed while it was written
    seen: list[lipsmith.BatchProgress] = []
    assert _run(jobs, progress=seen.append) == [SKIPPED, MADE, MADE]
    assert [row["line"] for row in _report(jobs)] == [2, 3, 4]
    assert [p.done for p in seen if p.result is not None] == [1, 2, 3]
    assert {p.rows for p in seen} == {3}

    with pytest.raises(KeyboardInterrupt):
        _run(jobs, seed=5, progress=stop)
    assert len(_report(jobs)) == 3, "rows that were not reached keep what was said of them"


def test_one_report_belongs_to_one_batch(write_jobs: Callable[..., Path], tmp_path: Path) -> None:
    jobs = write_jobs("face.png,One.,1.gif")
    problems: list[Exception] = []

    def again(progress: lipsmith.BatchProgress) -> None:
        if not problems:
            try:
                lipsmith.batch(jobs)
            except OutputError as error:
                problems.append(error)

    assert _run(jobs, progress=again) == [MADE]
    assert "another batch is writing" in str(problems[0])
    (tmp_path / "notes.txt").write_text("Buy milk.\nCall mum.\n")
    with pytest.raises(OutputError, match=r"notes\.txt:1 is no line of a report"):
        lipsmith.batch(jobs, log=tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text().startswith("Buy milk")


def test_a_batch_leaves_no_lock_behind_and_a_killed_one_stops_nobody(
    write_jobs: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "temp"
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    jobs = write_jobs("face.png,One.,1.gif")
    before = set(tmp_path.iterdir())
    (tmp_path / ".jobs.csv.report.jsonl.lock").touch()  # of one that was killed
    assert _run(jobs) == [MADE]
    made = {path.name for path in set(tmp_path.iterdir()) - before}
    assert made == {"1.gif", "jobs.csv.report.jsonl"}
    assert not list(elsewhere.iterdir())


def test_of_many_at_once_only_one_at_a_time_has_the_report(tmp_path: Path) -> None:
    log = tmp_path / "report.jsonl"
    holders: list[int] = []
    most: list[int] = []

    def compete(number: int) -> None:
        for _ in range(60):
            with suppress(OutputError), _alone(log):
                holders.append(number)
                most.append(len(holders))
                time.sleep(0.0005)
                holders.remove(number)

    threads = [threading.Thread(target=compete, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) > 6 and max(most) == 1
    assert not list(tmp_path.iterdir())


def test_rows_have_the_types_of_the_options(
    write_jobs: Callable[..., Path], tmp_path: Path
) -> None:
    jobs = write_jobs(
        "face.png,[anna] Hi.,1.gif,12,no,anna=en-us+f3,,v.json",
        "face.png,Hi.,2.gif,,perhaps,,,",
        "face.png,Hi.,3.gif,,,,x,",
        "face.png,Hi.,4.gif,99,,,,",
        header="picture,text,out,fps,blink,speakers,seed,visemes",
    )
    report = lipsmith.batch(jobs, size="128x128")
    made = report.rows[0].report
    assert made is not None
    assert (made.fps, made.voice) == (12, "en-us+f3")
    assert (tmp_path / "v.json").exists()
    errors = [row.error for row in report.rows[1:]]
    assert errors[0].startswith("blink is 'perhaps'")
    assert errors[1].startswith("seed is 'x'")
    assert "fps '99' is out of range" in errors[2]


def test_names_that_no_option_has(write_jobs: Callable[..., Path], tmp_path: Path) -> None:
    with pytest.raises(JobsError, match=r"jobs\.csv: the first row .* 'txt'; did you mean text"):
        lipsmith.batch(write_jobs("face.png,Hi.", header="picture,txt"))
    with pytest.raises(OptionError, match="siez"):
        lipsmith.batch(write_jobs("face.png,Hi.,a.gif"), siez="1")  # type: ignore[call-arg]
    (tmp_path / "jobs.jsonl").write_text('{"picture": "face.png", "txt": "Hi."}\n')
    report = lipsmith.batch(tmp_path / "jobs.jsonl")
    assert "did you mean text" in report.rows[0].error


def test_portraits_and_engines_are_kept_within_bounds(portrait_path: Path) -> None:
    made: list[str] = []

    def prepare(name: str) -> Callable[[], Any]:
        return lambda: made.append(name) or (name,)

    def request(seed: int, size: str) -> Any:
        from lipsmith.requests import make_request

        return make_request(portrait_path, text="Hi.", seed=seed, size=size)

    rig = find_engine(EngineKind.LIPSYNC, "rig")
    with RenderCache(portraits=2, engines=1) as cache:
        for size, seed in [("64x64", 1), ("64x64", 2), ("80x80", 1), ("64x64", 3), ("96x96", 1)]:
            assert cache.portraits(request(seed, size), [0], prepare(size)) == (size,)
        assert made == ["64x64", "80x80", "96x96"]
        cache.portraits(request(1, "80x80"), [0], prepare("80x80 again"))
        assert made[-1] == "80x80 again", "the one that was used least lately has gone"
        first = cache.engine(rig, EngineOptions(), lambda engine: None)
        assert cache.engine(rig, EngineOptions(), lambda engine: None) is first
        assert cache.engine(rig, EngineOptions(batch_size=2), lambda engine: None) is not first
