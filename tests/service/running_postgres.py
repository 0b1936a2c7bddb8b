"""A private PostgreSQL server from the system's packages, in a folder of the test's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from running_service import free_port

_FAST = "-c fsync=off -c full_page_writes=off -c shared_buffers=32MB -c max_connections=100"


class RunningPostgres:
    """`url`: of a database that is empty at first."""

    def __init__(self) -> None:
        """Skips the test where there is no server to start."""
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        on_path = shutil.which("initdb")
        if not found and on_path is None:
            pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
        self._programs = (found[-1] if found else Path(str(on_path))).resolve().parent
        # It refuses to run as root, and the folder of pytest is closed to others.
        self._user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        self._folder = Path(tempfile.mkdtemp(prefix="lipsmith-postgres-"))
        if self._user:
            shutil.chown(self._folder, "postgres", "postgres")
        port = free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        try:
            self._run("initdb", "-U", "postgres", "-A", "trust", "-D", self._data, "--no-sync")
            options = f"-p {port} -k {self._folder} -h 127.0.0.1 {_FAST}"
            log = str(self._folder / "log")
            self._run("pg_ctl", "-D", self._data, "-w", "-l", log, "-o", options, "start")
        except subprocess.CalledProcessError as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            pytest.skip(f"PostgreSQL does not start here: {error.stderr.strip()[-200:]}")

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-m", "immediate", "stop")
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        # Not captured through pipes, which the server would keep open.
        with tempfile.TemporaryFile("w+") as said:
            done = subprocess.run(
                [*self._user, str(self._programs / program), *arguments],
                cwd="/",
                stdout=said,
                stderr=said,
                timeout=60,
            )
            said.seek(0)
            if done.returncode:
                raise subprocess.CalledProcessError(done.returncode, program, stderr=said.read())
