"""A finished render, told to people and to programs."""

from __future__ import annotations

import json
import sys
from typing import Any

from lipsmith.core.request import RenderReport


def print_report(report: RenderReport, *, as_json: bool, quiet: bool) -> None:
    """Print JSON alone on stdout, or one line on stdout and the warnings on stderr."""
    if as_json:
        print(json.dumps(report_values(report), indent=2, ensure_ascii=False))
        return
    if quiet:
        return
    for warning in report.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(
        f"{report.output}: {report.duration_s:.1f} s, {report.width}x{report.height}, "
        f"{report.frames} frames, made in {report.elapsed_s:.1f} s "
        f"({_speed(report.realtime_factor)})"
    )


def report_values(report: RenderReport) -> dict[str, Any]:
    """The report in values that JSON knows; `fps` is a number, as near as a double comes."""
    return {
        "output": str(report.output) if report.output is not None else None,
        "frames": report.frames,
        "fps": float(report.fps),
        "duration_s": round(report.duration_s, 6),
        "width": report.width,
        "height": report.height,
        "realtime_factor": round(report.realtime_factor, 4),
        "elapsed_s": round(report.elapsed_s, 3),
        "engine": report.engine,
        "voice": report.voice,
        "seed": report.seed,
        "warnings": list(report.warnings),
    }


def _speed(realtime_factor: float) -> str:
    if realtime_factor <= 1:
        return f"{1 / realtime_factor:.1f}x faster than real time"
    return f"{realtime_factor:.1f}x slower than real time"
