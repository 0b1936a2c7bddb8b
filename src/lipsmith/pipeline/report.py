"""A report for programs."""

from __future__ import annotations

from typing import Any

from lipsmith.core.request import RenderReport


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
        "marks": [{"name": mark.name, "time_s": round(mark.time_s, 4)} for mark in report.marks],
    }
