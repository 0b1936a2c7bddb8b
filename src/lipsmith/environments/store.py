"""The environments on this machine: found, listed, checked, removed; see `install` for making."""

from __future__ import annotations

import json
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path

from lipsmith.core.resources import state_folder
from lipsmith.environments.process import EngineProcess
from lipsmith.environments.spec import Environment, EnvironmentSpec
from lipsmith.errors import InstallError, LipsmithError, MissingEnvironmentError

_RECORD = "environment.json"


class EnvironmentStore:
    """The environments in one folder; hidden ones in it are being made or removed."""

    def __init__(self, home: Path | None = None) -> None:
        """home: the folder of what Lipsmith keeps; None for the user's own."""
        self.root = state_folder(home) / "environments"

    def find(self, spec: EnvironmentSpec) -> Environment:
        """The environment of an engine, ready to use.

        Raises:
            MissingEnvironmentError: it was never made, or for another version of its engine.
        """
        environment = self._read(spec.name)
        if environment is None:
            raise MissingEnvironmentError(spec.name, "is not installed")
        if environment.requirements != spec.text():
            raise MissingEnvironmentError(
                spec.name, "was installed by another version of Lipsmith, with other packages"
            )
        if not environment.python.exists():
            raise MissingEnvironmentError(
                spec.name, f"has lost its Python {environment.version}, which was removed"
            )
        return environment

    def installed(self) -> tuple[Environment, ...]:
        """Every environment that has been made, by name."""
        if not self.root.is_dir():
            return ()
        names = sorted(p.name for p in self.root.iterdir() if not p.name.startswith("."))
        found = (self._read(name) for name in names)
        return tuple(environment for environment in found if environment is not None)

    def verify(self, spec: EnvironmentSpec) -> tuple[str, ...]:
        """Start the engine's process, let it check itself, and compare every pinned package.

        Returns what is wrong, a line each; nothing when all is well.

        Raises:
            MissingEnvironmentError: see `find`.
        """
        environment = self.find(spec)
        try:
            packages = try_out(environment.python, spec)
        except LipsmithError as error:
            return (str(error),)
        problems = []
        for name, version in {**spec.pins(), **environment.packages}.items():
            there = packages.get(name)
            if there is None:
                problems.append(f"{name} {version} is missing")
            elif there.partition("+")[0] != version.partition("+")[0]:
                problems.append(f"{name} is {there} instead of {version}")
        return tuple(problems)

    def remove(self, name: str) -> int:
        """Remove an environment.

        Returns the bytes that were freed.

        Raises:
            InstallError: there is none, or it cannot be removed.
        """
        folder = self.root / name
        environment = self._read(name)
        if environment is None and not folder.exists():
            known = ", ".join(e.name for e in self.installed()) or "none"
            raise InstallError(f"{name!r} is not installed; installed are: {known}")
        with self.changing(name):
            self._discard(folder)
        return environment.size_bytes if environment is not None else 0

    @contextmanager
    def changing(self, name: str) -> Iterator[Path]:
        """Nobody else changes an environment in this block; gives a name of a folder to make.

        What interrupted installations and removals left, and this one leaves, is removed.

        Raises:
            InstallError: somebody else changes it, or the folder cannot be written.
        """
        from filelock import FileLock, Timeout

        locks = self.root / ".locks"
        lock = FileLock(locks / f"{name}.lock")
        try:
            locks.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
        except Timeout:
            raise InstallError(f"{name} is being installed or removed by another process") from None
        except OSError as problem:
            raise InstallError(f"cannot write in {self.root}: {problem.strerror}") from problem
        try:
            self._sweep(name)
            yield self._aside(name)
        finally:
            self._sweep(name)
            lock.release()

    def finish(self, aside: Path, environment: Environment) -> Environment:
        """Put a made environment in its place, instead of an earlier one."""
        record = {**asdict(environment), "folder": None, "python": None}
        (aside / _RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")
        folder = self.root / environment.name
        self._discard(folder)
        aside.rename(folder)
        made = self._read(environment.name)
        assert made is not None
        return made

    def _aside(self, name: str) -> Path:
        return self.root / f".{name}.{secrets.token_hex(3)}.part"

    def _sweep(self, name: str) -> None:
        for path in self.root.glob(f".{name}.*.part"):
            shutil.rmtree(path, ignore_errors=True)

    def _discard(self, folder: Path) -> None:
        """Out of sight at once; what is left of it is swept."""
        if not folder.exists():
            return
        try:
            folder.rename(self._aside(folder.name))
        except OSError as problem:
            raise InstallError(
                f"cannot remove {folder}: {problem.strerror}; is the engine still running?"
            ) from problem

    def _read(self, name: str) -> Environment | None:
        folder = self.root / name
        try:
            record = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
            known = {field.name for field in fields(Environment)}
            values = {key: value for key, value in record.items() if key in known}
            values |= {"name": name, "folder": folder, "python": python_of(folder)}
            values["warnings"] = tuple(values["warnings"])
            return Environment(**values)
        except (OSError, ValueError, TypeError, KeyError):
            return None


def python_of(folder: Path) -> Path:
    """The Python of a virtual environment."""
    return folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def try_out(python: Path, spec: EnvironmentSpec) -> dict[str, str]:
    """Start the engine, let it check itself, and tell the version of every package, by name.

    Raises:
        LipsmithError: it does not start or finds something wrong.
    """
    with EngineProcess(python, spec.adapter, f"the engine {spec.name!r}") as engine:
        engine.ask("check")
        packages: dict[str, str] = engine.ask("packages")["packages"]
    return packages
