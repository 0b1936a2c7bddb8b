"""Runs every benchmark in a process of its own; exits 1 when a limit is broken."""

import subprocess
import sys

NAMES = (
    "render_ratio",
    "first_frame",
    "memory",
    "wav2lip",
    "s3fd",
    "dubbing",
    "service",
    "workers",
)

if __name__ == "__main__":
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], check=False).returncode
        for name in NAMES
    ]
    sys.exit(int(any(codes)))
