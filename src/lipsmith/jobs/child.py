"""What a job's work is done in: a process that does one thing, tells how far it is, and ends.

It reads one line of JSON from stdin and writes lines of JSON to stdout: {"progress": …} any number
of times, then {"done": …} or {"failed": …}. It dies when its stdin ends, so with its parent.
"""

from __future__ import annotations

import json
import os
import re
import sys
import threading
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import Any

from lipsmith.core.request import Progress, RenderRequest
from lipsmith.errors import LipsmithError

_NICENESS = 10  # requests, previews and the browser beside them go first
_PATH = re.compile(r"(?<![\w:/.~])~?/(?:[^\s'\"/:,;]+/)+([^\s'\"/,;:]*)")


def main() -> int:
    """Do what stdin says."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    told = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no message

    def tell(**message: Any) -> None:
        print(json.dumps(message), file=told, flush=True)

    command = json.loads(sys.stdin.readline())
    threading.Thread(target=_die_with_parent, daemon=True).start()
    try:
        done = _WORK[command["work"]](command, lambda p: tell(progress=asdict(p)))
    except LipsmithError as error:
        message = without_paths(str(error), command["files"])
        tell(failed={"kind": type(error).__name__, "message": message})
    except MemoryError:
        tell(failed={"kind": "MemoryError", "message": "there is not enough memory"})
    else:
        for told_of in (done, done.get("report", {})):
            if "warnings" in told_of:
                named = [without_paths(each, command["files"]) for each in told_of["warnings"]]
                told_of["warnings"] = named
        tell(done=done)
    return 0


def without_paths(message: str, files: dict[str, str]) -> str:
    """What clients may read: files by the options they were sent for, others without folders."""
    for option, path in files.items():
        called = "portrait" if option == "picture" else option
        for known in (path, str(Path(path).resolve())):
            message = message.replace(known, called)
        for name in (Path(path).name, Path(path).resolve().name):
            message = message.replace(name, called)
    return _PATH.sub(r"\1", message)


def _die_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _request(command: dict[str, Any]) -> RenderRequest:
    from lipsmith.requests import make_request

    options = {name: value for name, value in command["options"].items() if value is not None}
    files = dict(command["files"])
    return make_request(files.pop("picture"), **options, **files)


def _plan(command: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Check everything that can be checked early, and say how the render is to be cut."""
    from lipsmith.pipeline.devices import can_use_gpu
    from lipsmith.pipeline.segments import plan_segments

    request = _request(command)
    plan = plan_segments(request, Path(command["poster"]))
    return {
        "cut": str(plan.cut),
        "passages": plan.passages,
        "fps": str(plan.fps),
        "width": plan.size.width,
        "height": plan.size.height,
        "warnings": plan.warnings,
        "can_use_gpu": can_use_gpu(request),
    }


def _gpus(command: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Count the GPUs that networks can run on."""
    from lipsmith.neural.device import count_gpus

    return {"gpus": count_gpus()}


def _speak(command: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Say or hear all of it, and write the takes."""
    from lipsmith.pipeline.segments import takes_of
    from lipsmith.pipeline.takes import take_to_bytes

    folder = Path(command["takes"])
    paths: list[str] = []
    for take in takes_of(_request(command), Fraction(command["fps"])):
        path = folder / f"{len(paths):05d}.take"
        path.write_bytes(take_to_bytes(take))
        paths.append(str(path))
        tell(Progress("speech", take.chunks[-1].progress))
    return {"takes": paths}


def _segment(command: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Make the video of a take or of a passage."""
    from lipsmith.pipeline.segments import render_segment, take_of
    from lipsmith.pipeline.takes import take_from_bytes, take_to_bytes

    request, path = _request(command), Path(command["take"])
    if command.get("passage") is None:
        take = take_from_bytes(path.read_bytes())
    else:
        said = take_of(request, command["passage"], Fraction(command["fps"]))
        if said is None:
            return {"frames": 0}
        take = said
        path.write_bytes(take_to_bytes(take))
    warnings = render_segment(request, take, Path(command["video"]), tell)
    return {"frames": take.frames, "warnings": list(warnings)}


def _whole(command: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Make the video in one piece."""
    from lipsmith.pipeline.files import render_files
    from lipsmith.pipeline.report import report_values

    report = render_files(
        _request(command),
        Path(command["video"]),
        visemes=Path(command["visemes"]),
        on_progress=tell,
    )
    return {"report": report_values(report)}


def _join(command: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Make one video of the segments."""
    from lipsmith.pipeline.joining import Segment, join_segments
    from lipsmith.pipeline.report import report_values
    from lipsmith.pipeline.stages import Exports

    video = Path(command["video"])
    request = _request(command)
    kind = str(request.subtitles)
    subtitles = video.with_suffix(f".{kind}") if kind in ("srt", "vtt") else None
    report = join_segments(
        request,
        [
            Segment(Path(take), Path(part), tuple(warnings))
            for take, part, warnings in command["segments"]
        ],
        video,
        Exports(Path(command["visemes"]), None, subtitles),
        fps=Fraction(command["fps"]),
        normalise=command["normalise"],
    )
    return {"report": report_values(report)}


def _convert(command: dict[str, Any], tell: Any) -> dict[str, Any]:
    """Write a finished video in another format."""
    from lipsmith.media.converting import convert_video

    convert_video(Path(command["files"]["video"]), Path(command["target"]))
    return {}


_WORK = {
    "convert": _convert,
    "gpus": _gpus,
    "plan": _plan,
    "speak": _speak,
    "segment": _segment,
    "whole": _whole,
    "join": _join,
}

if __name__ == "__main__":
    raise SystemExit(main())
