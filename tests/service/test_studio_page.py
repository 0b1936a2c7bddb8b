"""The page that the package brings, and how it is sent."""

from __future__ import annotations

import asyncio
import gzip
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from lipsmith.service.pages import studio_router
from lipsmith.service.problems import handle_errors


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>Studio</title>")
    (tmp_path / "assets" / "index-abc.js").write_text("let a = 1;\n" * 400)
    (tmp_path / "assets" / "face-abc.png").write_bytes(b"\x89PNG")
    (tmp_path / "robots.txt").write_text("User-agent: *\nDisallow: /\n")
    return tmp_path


class _Page:
    """An application that sends nothing but a folder."""

    def __init__(self, folder: Path) -> None:
        app = FastAPI()
        handle_errors(app)
        app.include_router(studio_router(folder))
        self._transport = httpx.ASGITransport(app)

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            base = "http://127.0.0.1"
            async with httpx.AsyncClient(transport=self._transport, base_url=base) as client:
                return await client.request(method, path, headers=headers)

        return asyncio.run(ask())


def test_the_page_is_looked_for_again_and_its_parts_are_kept(built: Path) -> None:
    page = _Page(built)
    index = page.get("/")
    assert "Studio" in index.text and index.headers["cache-control"] == "no-cache"
    policy = index.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "'unsafe" not in policy and "http" not in policy
    assert index.headers["x-content-type-options"] == "nosniff"
    assert "camera=(self)" in index.headers["permissions-policy"]
    script = page.get("/assets/index-abc.js")
    assert script.headers["cache-control"].endswith("immutable")
    assert "javascript" in script.headers["content-type"]
    same = page.get("/assets/index-abc.js", **{"If-None-Match": script.headers["etag"]})
    assert same.status_code == 304
    (built / "index.html").write_text("<!doctype html><title>Another</title>")
    assert "Another" in page.get("/").text
    assert page.get("/robots.txt").status_code == 200
    assert page.get("/", "HEAD").content == b""


def test_texts_come_compressed_to_who_can_read_that(built: Path) -> None:
    page = _Page(built)
    plain = page.get("/assets/index-abc.js", **{"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    packed = page.get("/assets/index-abc.js", **{"Accept-Encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) == len(gzip.compress(plain.content, 9, mtime=0))
    assert packed.headers["etag"] != plain.headers["etag"]
    assert "content-encoding" not in page.get("/assets/face-abc.png").headers


@pytest.mark.parametrize("path", ["/assets/../index.html", "/assets/%2e%2e%2findex.html", "/x.js"])
def test_nothing_else_is_sent(built: Path, path: str) -> None:
    assert _Page(built).get(path).status_code == 404


def test_a_missing_build_is_told(tmp_path: Path) -> None:
    answer = _Page(tmp_path).get("/")
    assert answer.status_code == 503 and "make web" in answer.text.replace("\n", " ")


def test_the_service_brings_the_studio_and_hides_nothing(client: httpx.Client) -> None:
    index = client.get("/")
    assert index.status_code == 200
    for path in re.findall(r'(?:src|href)="(/[^"]+)"', index.text):
        assert client.get(path).status_code == 200, path
    assert not re.search(r'(?:src|href)="(?:https?:)?//', index.text)
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/docs").status_code == 200
    assert client.get("/v1/nothing").json()["code"] == "not-found"
