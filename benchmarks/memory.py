"""Peak memory of a long render against a short one, each in a process of its own."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.table import Result, report

SIDE_PX = 1024
PEAK_LIMIT_MB = 700.0
GROWTH_LIMIT = 1.1
SHORT_S = 10.0
_RENDER = """
import json, resource, sys, lipsmith
report = lipsmith.render(sys.argv[1], text_file=sys.argv[2], out=sys.argv[3], language="en-us")
peak_kb = max(
    resource.getrusage(who).ru_maxrss
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
)
print(json.dumps([peak_kb, report.duration_s, report.elapsed_s]))
"""
# Nothing large may be imported here: on Linux a child starts with its parent's peak.
_WRITE_FACE = """
import sys
from pathlib import Path
from benchmarks.subject import face_picture
face_picture(int(sys.argv[1]), Path(sys.argv[2]))
"""
_SENTENCE = "Would you believe that a single photograph can talk, and can even mean it? "
_SENTENCE_S = 3.87


def peak(folder: Path, seconds: float) -> tuple[float, float, float]:
    """Peak MB, seconds of video and seconds of work for about `seconds` of speech."""
    text = folder / "text.txt"
    text.write_text(_SENTENCE * max(1, round(seconds / _SENTENCE_S)))
    paths = [str(folder / f"face-{SIDE_PX}.png"), str(text), str(folder / f"{seconds:g}.mp4")]
    done = subprocess.run(
        [sys.executable, "-c", _RENDER, *paths], stdout=subprocess.PIPE, text=True, check=True
    )
    peak_kb, duration_s, elapsed_s = json.loads(done.stdout)
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return peak_kb / unit, duration_s, elapsed_s


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of the long render")
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-c", _WRITE_FACE, str(SIDE_PX), name]
        subprocess.run(command, check=True)
        short_mb, short_s, _ = peak(Path(name), SHORT_S)
        long_mb, long_s, elapsed_s = peak(Path(name), minutes * 60)
    lengths = f"{long_s:.0f} s of video (made in {elapsed_s:.0f} s) and {short_s:.0f} s"
    return report(
        f"Peak memory at {SIDE_PX}x{SIDE_PX}: {lengths}",
        [
            Result("long render", long_mb, PEAK_LIMIT_MB, "MB"),
            Result("short render", short_mb, PEAK_LIMIT_MB, "MB"),
            Result("long / short", long_mb / short_mb, GROWTH_LIMIT, "x"),
        ],
    )


if __name__ == "__main__":
    sys.exit(main())
