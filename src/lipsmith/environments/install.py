"""Makes an engine's environment: built aside, checked, and only then put in its place."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lipsmith.environments.spec import Environment, EnvironmentSpec
from lipsmith.environments.store import EnvironmentStore, python_of, try_out
from lipsmith.errors import InstallError, LipsmithError

_COLLECTED, _INSTALLING, _CHECKING = 0.8, 0.85, 0.95
_KEPT_LINES = 400
_UNREACHABLE = re.compile(
    r"NewConnectionError|ConnectTimeout|name resolution|Network is unreachable|ProxyError"
    r"|getaddrinfo failed|Connection refused|ReadTimeout|ConnectionReset"
)


@dataclass(frozen=True, slots=True)
class InstallProgress:
    """How far an installation is. fraction: 0..1, a guess. text: what is being done."""

    fraction: float
    text: str


ProgressCallback = Callable[[InstallProgress], None]


def install(
    store: EnvironmentStore,
    spec: EnvironmentSpec,
    *,
    python: Path | None = None,
    on_progress: ProgressCallback | None = None,
) -> Environment:
    """Make an engine's environment, instead of an earlier one.

    Whatever goes wrong, and whenever it is interrupted, nothing is left of it and an earlier
    environment stays. pip's settings (a configuration file, PIP_INDEX_URL, ...) are followed.
    python: runs the engine; without it, this one or another on the PATH that fits.

    Raises:
        InstallError: there is no fitting Python, a package cannot be had or built, the disk is
            full, or the engine does not start.
    """
    tell = on_progress or (lambda progress: None)
    executable, version = _fitting_python(spec, python)
    with store.changing(spec.name) as aside:
        tell(InstallProgress(0.0, f"making an environment of Python {version}"))
        _make_venv(executable, aside)
        warnings = _install_packages(spec, aside, store.root / f"{spec.name}.log", tell)
        tell(InstallProgress(_CHECKING, "checking that the engine starts"))
        try:
            packages = try_out(python_of(aside), spec)
        except LipsmithError as error:
            raise InstallError(f"{spec.name} was installed but does not work: {error}") from error
        made = Environment(
            name=spec.name,
            folder=aside,
            python=python_of(aside),
            version=version,
            packages=packages,
            requirements=spec.text(),
            size_bytes=_size_bytes(aside),
            made_at=datetime.now(UTC).isoformat(timespec="seconds"),
            warnings=warnings,
        )
        finished = store.finish(aside, made)
    tell(InstallProgress(1.0, "done"))
    return finished


def _fitting_python(spec: EnvironmentSpec, python: Path | None) -> tuple[Path, str]:
    """A Python of one of the versions that the pins are for, and its version."""
    if python is not None:
        candidates = [str(python)]
    else:
        found = (shutil.which(f"python{version}") for version in spec.pythons)
        candidates = [sys.executable, *(path for path in found if path)]
    for candidate in candidates:
        version = _version_of(candidate)
        if version is not None and version.rpartition(".")[0] in spec.pythons:
            return Path(candidate), version
    wanted = " or ".join(spec.pythons)
    if python is not None:
        raise InstallError(f"{spec.name} needs Python {wanted}, and {python} is none of them")
    raise InstallError(
        f"{spec.name} needs Python {wanted}, and none is on the PATH; "
        "install one or name it: --python /path/to/python"
    )


def _version_of(python: str) -> str | None:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        code = "import sys; print('%d.%d.%d' % sys.version_info[:3])"
        done = subprocess.run(
            [python, "-I", "-c", code], capture_output=True, text=True, timeout=30, check=True
        )
        return done.stdout.strip()
    return None


def _make_venv(python: Path, folder: Path) -> None:
    log: list[str] = []
    if _run([str(python), "-I", "-m", "venv", "--without-pip", str(folder)], log) != 0:
        raise InstallError(_explain(log, f"{python} cannot make a virtual environment"))


def _install_packages(
    spec: EnvironmentSpec, folder: Path, log_file: Path, tell: ProgressCallback
) -> tuple[str, ...]:
    """Install what is required, and what is optional where that works; returns warnings."""
    if spec.requirements is None:
        return ()
    pip = [*_pip_for(python_of(folder)), "install", "--no-input", "--disable-pip-version-check"]
    pip += ["--progress-bar", "off", "--retries", "2", "--no-warn-script-location"]
    log: list[str] = []
    watch = _Watch(max(1, len(spec.pins())), tell)
    if _run([*pip, "-r", str(spec.requirements)], log, watch) != 0:
        log_file.write_text("\n".join(log), encoding="utf-8")
        raise InstallError(f"{_explain(log, 'pip failed')} (all of it: {log_file})")
    log_file.unlink(missing_ok=True)
    warnings = []
    for package in spec.optional:
        tell(InstallProgress(_INSTALLING, f"building {package}"))
        log = []
        if _run([*pip, package], log) != 0:
            warnings.append(f"{package} was left out: {_explain(log, 'pip failed')}")
    return tuple(warnings)


def _pip_for(python: Path) -> list[str]:
    """A command that installs into an environment that has no pip."""
    ours = [sys.executable, "-I", "-m", "pip", "--python", str(python)]
    if _run([*ours, "--version"], []) == 0:
        return ours
    log: list[str] = []
    if _run([str(python), "-I", "-m", "ensurepip"], log) == 0:
        return [str(python), "-I", "-m", "pip"]
    raise InstallError(
        "no pip was found to install with: python -m ensurepip, "
        "or on Debian and Ubuntu: apt install python3-venv"
    )


class _Watch:
    """Turns what pip prints into progress."""

    def __init__(self, expected: int, tell: ProgressCallback) -> None:
        self._expected = expected
        self._tell = tell
        self._collected = 0

    def __call__(self, line: str) -> None:
        line = line.strip()
        if line.startswith(("Collecting ", "Processing ")):
            self._collected += 1
            name = line.split()[1].rpartition("/")[2]
            self._say(f"looking for {re.split('==|-[0-9]', name)[0]}")
        elif line.startswith("Downloading "):
            self._say(line[0].lower() + line[1:])
        elif line.startswith("Building wheel"):
            self._say(line[0].lower() + line[1:].partition(":")[0])
        elif line.startswith("Installing collected packages"):
            self._tell(InstallProgress(_INSTALLING, "unpacking the packages"))

    def _say(self, text: str) -> None:
        share = min(1.0, self._collected / self._expected)
        self._tell(InstallProgress(_COLLECTED * share, text))


def _run(command: list[str], log: list[str], watch: Callable[[str], None] | None = None) -> int:
    """Run a command to its end; `log` gets the end of what it prints. Returns its exit code."""
    group = {} if sys.platform == "win32" else {"process_group": 0}
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            **group,  # type: ignore[call-overload]
        )
    except OSError as error:
        log.append(f"ERROR: {error}")
        return 1
    try:
        for line in process.stdout:
            log.append(line.rstrip())
            del log[:-_KEPT_LINES]
            if watch is not None:
                watch(line)
        return int(process.wait())
    except BaseException:
        _kill(process)
        raise


def _kill(process: subprocess.Popen[str]) -> None:
    """The command and the compilers that it may have started."""
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _explain(log: list[str], what: str) -> str:
    """The one line of a log that helps."""
    text = "\n".join(log)
    if "No space left on device" in text:
        return "the disk is full; free some space and try again"
    errors = [line.partition("ERROR:")[2].strip() for line in log if "ERROR:" in line]
    if match := re.search(r"Failed (?:building wheel for|to build) ([\w.-]+)", text):
        return (
            f"{match[1]} has to be compiled here and that failed; "
            "it takes a C++ compiler and CMake (apt install build-essential cmake)"
        )
    missing = [line for line in errors if line.startswith("No matching distribution")]
    if _UNREACHABLE.search(text):
        return "the package index cannot be reached; check the connection and pip's settings"
    if missing:
        wanted = missing[-1].rpartition(" for ")[2]
        return f"there is no {wanted} for this Python and this system"
    conflicts = [line for line in log if "conflict" in line.lower()]
    said = errors or conflicts or [line for line in log if line.strip()]
    return f"{what}: {said[-1].strip() if said else 'it says nothing'}"


def _size_bytes(folder: Path) -> int:
    return sum(path.lstat().st_size for path in _files(folder))


def _files(folder: Path) -> Iterator[Path]:
    for path, _, names in os.walk(folder):
        for name in names:
            yield Path(path, name)
