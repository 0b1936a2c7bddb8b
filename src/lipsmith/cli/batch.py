"""`lipsmith batch`: make many videos."""

from __future__ import annotations

import json as json_module
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lipsmith.cli.display import Display
from lipsmith.cli.options import FILES, Debug, Json, Quiet, debug_is_on
from lipsmith.cli.progress import describe
from lipsmith.errors import OptionError

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from lipsmith.pipeline.batch import BatchProgress, BatchReport, RowResult

EPILOG = """
[bold]Examples[/bold]

lipsmith batch jobs.csv

lipsmith batch jobs.yaml --set size=720p --set background=blur --report done.jsonl
"""


def batch(
    jobs: Annotated[
        Path,
        typer.Argument(
            help="A row for each video: CSV, JSON Lines or YAML, with the options of render.",
            metavar="JOBS",
        ),
    ],
    option: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="An option of render for every row that does not give it, such as size=720p.",
        ),
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="What became of each row, as JSON Lines. Without it, beside JOBS.",
            rich_help_panel=FILES,
        ),
    ] = None,
    overwrite: Annotated[
        bool,
        typer.Option(
            "--overwrite",
            help="Also replace files that no earlier run of this batch made.",
            rich_help_panel=FILES,
        ),
    ] = False,
    json: Json = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Render every row of JOBS; start it again to go on after a stop.

    Rows that are done and have not changed are skipped. 1 is returned when a row failed.
    """
    from lipsmith import api
    from lipsmith.pipeline.batch import RowState

    try:
        with BatchDisplay(jobs, quiet=quiet) as display:
            report = api.batch(
                jobs,
                log=log,
                overwrite=overwrite,
                progress=display,
                **_options(option or []),
            )
    except KeyboardInterrupt:
        if not quiet:
            print("stopped; the same command goes on from here", file=sys.stderr)
        raise
    if json:
        print(json_module.dumps(_values(report), indent=2, ensure_ascii=False))
    elif not quiet:
        counts = [f"{report.count(s)} {s}" for s in RowState if report.count(s)]
        print(f"{jobs}: {', '.join(counts)}; see {report.log}")
    if report.count(RowState.FAILED):
        raise typer.Exit(1)


class BatchDisplay(Display["BatchProgress"]):
    """Shows how many rows are done, what happens in the one in work, and why rows failed."""

    _task: TaskID

    def __init__(self, jobs: Path, *, quiet: bool = False) -> None:
        super().__init__(quiet=quiet)
        self._jobs = jobs

    def __call__(self, progress: BatchProgress) -> None:
        result = progress.result
        for line in [] if result is None else self._remarks(result):
            if self._bar is None:
                print(line, file=sys.stderr)
            else:
                self._bar.console.print(line, markup=False, highlight=False)
        if result is None or not result.error or sys.stderr.isatty():
            super().__call__(progress)

    def _remarks(self, result: RowResult) -> list[str]:
        """What is said about a row that has ended, beside how far the batch is."""
        where = f"{self._jobs}:{result.line}"
        if result.error:
            lines = [f"error: {where}: {result.error}"]
            if result.cause is not None and debug_is_on():
                lines.insert(0, "".join(traceback.format_exception(result.cause)).rstrip())
            return lines
        if result.report is None or self._quiet:
            return []
        return [f"warning: {where}: {warning}" for warning in result.report.warnings]

    def _make_bar(self) -> Bar:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
        from rich.progress import Progress as Bar

        bar = Bar(
            MofNCompleteColumn(),
            BarColumn(bar_width=30),
            TextColumn("{task.description}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = bar.add_task("", total=None)
        return bar

    def _draw(self, bar: Bar, progress: BatchProgress) -> None:
        bar.update(
            self._task,
            description=_text(progress),
            total=progress.rows,
            completed=progress.done,
        )

    def _stage_of(self, progress: BatchProgress) -> object:
        return progress.done

    def _line(self, progress: BatchProgress, *, is_first: bool) -> str:
        return f"{progress.done}/{progress.rows}  {_text(progress)}"


def _text(progress: BatchProgress) -> str:
    if progress.result is not None:
        return f"{progress.name}: {_ending(progress.result)}"
    return f"{progress.name}: {describe(progress.render)}" if progress.render else progress.name


def _ending(result: RowResult) -> str:
    if result.report is None:
        return str(result.state)
    return f"{result.report.duration_s:.1f} s, made in {result.report.elapsed_s:.1f} s"


def _options(given: list[str]) -> dict[str, Any]:
    """The values by name, of "name=value" each."""
    options: dict[str, Any] = {}
    for option in given:
        name, equals, value = option.partition("=")
        if not equals:
            raise OptionError(f"--set {option}: write NAME=VALUE, as in size=720p")
        options[name.strip().removeprefix("--").replace("-", "_")] = value
    return options


def _values(report: BatchReport) -> dict[str, Any]:
    from lipsmith.pipeline.batch import RowState

    rows = [
        {
            "line": row.line,
            "state": str(row.state),
            "output": None if row.output is None else str(row.output),
            **({"error": row.error} if row.error else {}),
        }
        for row in report.rows
    ]
    counts = {str(state): report.count(state) for state in RowState}
    return {"report": str(report.log), **counts, "rows": rows}
