"""A real HTTP server on this machine that serves files as well or as badly as it is told."""

from __future__ import annotations

import hashlib
import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = random.Random(7).randbytes(300_000)
"""What stands for the weights of a model."""
SHA256 = hashlib.sha256(CONTENT).hexdigest()
_CHUNK_BYTES = 4096


@dataclass
class Served:
    """One file.

    cuts: how many bytes of the body the first answers send before the connection is cut.
    statuses: what the first requests are answered with instead of the file.
    linked_etag: the file is behind a redirect that states this, as Hugging Face's are.
    """

    content: bytes
    etag: str | None = '"v1"'
    ranges: bool = True
    length: bool = True
    cuts: list[int] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    retry_after: str | None = None
    pause_s: float = 0.0
    linked_etag: str | None = None
    content_type: str = "application/octet-stream"


@dataclass
class Asked:
    """One request and what it was answered with."""

    path: str
    range: str | None
    if_range: str | None
    status: int = 0
    sent_bytes: int = 0


class FileServer:
    """files: by path, such as "/model.pth". asked: every request, in order."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.files: dict[str, Served] = {}
        self.asked: list[Asked] = []

    def url(self, path: str) -> str:
        return self.address + path

    def asked_for(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]


@contextmanager
def file_server() -> Iterator[FileServer]:
    """A server that runs inside the block."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    httpd.daemon_threads = True
    server = FileServer(f"http://127.0.0.1:{httpd.server_address[1]}")
    httpd.file_server = server  # type: ignore[attr-defined]
    thread = threading.Thread(target=httpd.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        server: FileServer = self.server.file_server  # type: ignore[attr-defined]
        asked = Asked(self.path, self.headers["Range"], self.headers["If-Range"])
        server.asked.append(asked)
        behind_redirect = self.path.startswith("/content/")
        served = server.files.get(self.path.removeprefix("/content"))
        if served is None:
            self._empty(asked, 404)
        elif served.statuses:
            self._empty(asked, served.statuses.pop(0), {"Retry-After": served.retry_after})
        elif served.linked_etag and not behind_redirect:
            place = {"Location": f"/content{self.path}", "X-Linked-Etag": served.linked_etag}
            self._empty(asked, 302, place)
        else:
            self._send(asked, served)

    def _empty(
        self, asked: Asked, status: int, headers: dict[str, str | None] | None = None
    ) -> None:
        asked.status = status
        self.send_response(status)
        for name, value in (headers or {}).items():
            if value is not None:
                self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, asked: Asked, served: Served) -> None:
        start = self._start(asked, served)
        size = len(served.content)
        if start >= size > 0:
            self._empty(asked, 416, {"Content-Range": f"bytes */{size}"})
            return
        body = served.content[start:]
        asked.status = 206 if start else 200
        self.send_response(asked.status)
        self.send_header("Content-Type", served.content_type)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
        if served.etag:
            self.send_header("ETag", served.etag)
        if served.length:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        end = min(served.cuts.pop(0), len(body)) if served.cuts else len(body)
        for offset in range(0, end, _CHUNK_BYTES):
            chunk = body[offset : min(offset + _CHUNK_BYTES, end)]
            try:
                self.wfile.write(chunk)
            except ConnectionError:  # the client has stopped on purpose
                self.close_connection = True
                return
            asked.sent_bytes += len(chunk)
            if served.pause_s:
                self.wfile.flush()
                time.sleep(served.pause_s)
        if end < len(body):
            self.close_connection = True

    def _start(self, asked: Asked, served: Served) -> int:
        found = re.fullmatch(r"bytes=(\d+)-", asked.range or "")
        if not found or not served.ranges:
            return 0
        if asked.if_range is not None and asked.if_range != served.etag:
            return 0
        return int(found[1])

    def log_message(self, format: str, *args: object) -> None:
        pass
