"""A finished render, told to people and to programs."""

from __future__ import annotations

import json
import sys

from lipsmith.core.request import RenderReport
from lipsmith.pipeline.report import report_values


def print_report(report: RenderReport, *, as_json: bool, quiet: bool) -> None:
    """Print JSON alone on stdout, or one line on stdout and the warnings on stderr."""
    if as_json:
        print(json.dumps(report_values(report), indent=2, ensure_ascii=False))
        return
    if quiet:
        return
    print_warnings(report)
    print(
        f"{report.output}: {report.duration_s:.1f} s, {report.width}x{report.height}, "
        f"{report.frames} frames, made in {report.elapsed_s:.1f} s "
        f"({_speed(report.realtime_factor)})"
    )


def print_warnings(report: RenderReport) -> None:
    """Print what may look wrong on stderr."""
    for warning in report.warnings:
        print(f"warning: {warning}", file=sys.stderr)


def _speed(realtime_factor: float) -> str:
    times = max(realtime_factor, 1 / realtime_factor)
    if round(times, 1) == 1.0:
        return "as fast as real time"
    return f"{times:.1f}x {'faster' if realtime_factor < 1 else 'slower'} than real time"
