"""A private S3 server, Ceph's, from the system's packages, in a folder of the test's.

Its one storage daemon keeps everything in memory. Debian: ceph-mon, ceph-osd, radosgw.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
import uuid
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from running_service import free_port

_PROGRAMS = ("ceph", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")
_START_TIMEOUT_S = 90.0
_MODES = [
    f"ms {who}{of} mode = crc" for who in ("", "mon ") for of in ("cluster", "service", "client")
]
_CONFIGURATION = """
[global]
fsid = {id}
mon initial members = a
mon host = 127.0.0.1:{monitor}
auth cluster required = none
auth service required = none
auth client required = none
{modes}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon max pg per osd = 1000
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 2147483648
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
pid file = {folder}/$name.pid
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/rgw
keyring = {folder}/keyring
rgw frontends = beast endpoint=127.0.0.1:{gateway}
"""


class RunningS3:
    """`settings`: the variables that lead to a bucket that is empty at first, `url` its address."""

    key, secret, url = "AKLIPSMITH", "a-secret-of-the-tests", "s3://lipsmith/artifacts"

    def __init__(self) -> None:
        """Skips the test where there is no server to start."""
        missing = [program for program in _PROGRAMS if shutil.which(program) is None]
        if missing:
            pytest.skip(
                f"{', '.join(missing)} not installed "
                "(Debian: apt-get install ceph-mon ceph-osd radosgw)"
            )
        self._folder = Path(tempfile.mkdtemp(prefix="lipsmith-s3-"))
        self._daemons: list[subprocess.Popen[bytes]] = []
        gateway = free_port()
        self.endpoint = f"http://127.0.0.1:{gateway}"
        self.settings = {
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
        }
        try:
            self._start(free_port(), gateway)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        for daemon in reversed(self._daemons):
            daemon.kill()
            daemon.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self, monitor: int, gateway: int) -> None:
        folder, identity = self._folder, str(uuid.uuid4())
        (folder / "ceph.conf").write_text(
            _CONFIGURATION.format(
                id=identity,
                monitor=monitor,
                gateway=gateway,
                folder=folder,
                modes="\n".join(_MODES),
            )
        )
        for name in ("mon", "osd", "rgw"):
            (folder / name).mkdir()
        (folder / "keyring").touch()
        address = f"[v2:127.0.0.1:{monitor}]"
        subprocess.run(
            ["monmaptool", "--create", "--fsid", identity, "--addv", "a", address, "monmap"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        self._run("ceph-mon", "--mkfs", "-i", "a", "--monmap", str(folder / "monmap"))
        self._keep_running("ceph-mon", "-i", "a")
        self._run("ceph", "osd", "create")
        self._run("ceph-osd", "-i", "0", "--mkfs")
        self._keep_running("ceph-osd", "-i", "0")
        self._run(
            "radosgw-admin", "-n", "client.rgw", "user", "create", "--uid=tests",
            "--display-name=tests", f"--access-key={self.key}", f"--secret-key={self.secret}",
        )  # fmt: skip
        self._keep_running("radosgw", "-n", "client.rgw")
        self._make_bucket()

    def _make_bucket(self) -> None:
        import obstore
        from obstore.store import S3Store

        store = S3Store(
            "lipsmith",
            endpoint=self.endpoint,
            access_key_id=self.key,
            secret_access_key=self.secret,
            region="us-east-1",
            client_options={"allow_http": True},
            virtual_hosted_style_request=False,
        )
        started_s = time.monotonic()
        while time.monotonic() - started_s < _START_TIMEOUT_S:
            try:
                url = obstore.sign(store, "PUT", "", timedelta(minutes=1))
                if httpx.put(url, timeout=30).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError(f"the S3 server does not start: {self._last_words()}")

    def _run(self, program: str, *arguments: str) -> None:
        configuration = str(self._folder / "ceph.conf")
        done = subprocess.run(
            [program, "-c", configuration, *arguments],
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=_START_TIMEOUT_S,
        )
        assert done.returncode == 0, f"{program}: {done.stderr[-2000:]}"

    def _keep_running(self, program: str, *arguments: str) -> None:
        command = [program, "-c", str(self._folder / "ceph.conf"), "-f", *arguments]
        with (self._folder / f"{program}.out").open("wb") as said:
            daemon = subprocess.Popen(
                command, cwd=self._folder, stdout=said, stderr=said, env={**os.environ, "HOME": "/"}
            )
        self._daemons.append(daemon)

    def _last_words(self) -> str:
        return "; ".join(path.read_text()[-500:] for path in self._folder.glob("*.out"))
