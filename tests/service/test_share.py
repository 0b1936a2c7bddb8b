"""Pages that anybody can open, and what else a finished render gives."""

from __future__ import annotations

import io
import math
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import av
import httpx
import pytest
from PIL import Image
from running_service import RunningService, wait_until_over

TITLE = 'A <script>alert("1")</script> & a "greeting"'


@pytest.fixture(scope="module")
def done(service: RunningService, portrait_path: Path) -> dict[str, Any]:
    """A render that is done, with SRT subtitles."""
    with httpx.Client(base_url=service.url, timeout=60) as client:
        answer = client.post(
            "/v1/renders",
            files={"portrait": portrait_path.read_bytes()},
            data={
                "text": "Hello, lighthouse & <b>sea</b>.",
                "subtitles": "srt",
                "title": TITLE,
                "size": "128x128",
                "expression": "0.5",
            },
        )
        return wait_until_over(client, answer.json()["id"])


@pytest.fixture
def shared(client: httpx.Client, done: dict[str, Any]) -> str:
    answer = client.post(f"/v1/renders/{done['id']}/share", json={"hours": 1})
    assert answer.status_code == 201
    return str(answer.json()["url"])


class _Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_a_shared_page_plays_without_a_key_and_a_script(shared: str) -> None:
    with httpx.Client(headers={"Host": "videos.example"}) as stranger:
        page = stranger.get(shared)
        assert page.status_code == 200
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script" not in policy
        assert "noindex" in page.headers["x-robots-tag"]
        elements = _Elements(page.text)
        assert not elements.all("script") and not elements.all("b")
        told = {m.get("property") or m.get("name"): m["content"] for m in elements.all("meta")[1:]}
        assert told["og:title"] == TITLE
        for name in ("og:image", "og:video", "og:url", "twitter:image"):
            assert str(told[name]).startswith("http://videos.example/share/")
        [video], [track] = elements.all("video"), elements.all("track")
        base = httpx.URL(shared)
        watched = stranger.get(base.join(str(video["src"])), headers={"Range": "bytes=0-99"})
        assert (watched.status_code, len(watched.content)) == (206, 100)
        assert watched.headers["content-type"] == "video/mp4"
        with Image.open(
            io.BytesIO(stranger.get(base.join(str(video["poster"]))).content)
        ) as poster:
            assert poster.size == (128, 128)
        words = stranger.get(base.join(str(track["src"])))
        assert words.headers["content-type"].startswith("text/vtt")
        assert words.text.startswith("WEBVTT\n\n") and "lighthouse &amp; &lt;b&gt;" in words.text
        assert re.search(r"\d\d:\d\d\.\d{3} --> ", words.text)


def test_a_shared_page_shows_nothing_else(shared: str) -> None:
    assert httpx.get(f"{shared}/visemes").status_code == 404
    for changed in (shared[:-1] + ("0" if shared[-1] != "0" else "1"), shared + "0"):
        page = httpx.get(changed)
        assert page.status_code == 404 and "expired" in page.text
        assert httpx.get(f"{changed}/video").status_code == 404


def test_a_link_of_an_instant_expires(client: httpx.Client, done: dict[str, Any]) -> None:
    answer = client.post(f"/v1/renders/{done['id']}/share", json={"hours": 0.0004}).json()
    assert httpx.get(answer["url"]).status_code == 200
    time.sleep(2)
    assert httpx.get(answer["url"]).status_code == 404


def test_a_deleted_render_is_shared_no_more(client: httpx.Client, portrait_path: Path) -> None:
    render = client.post(
        "/v1/renders",
        files={"portrait": portrait_path.read_bytes()},
        data={"text": "Gone.", "size": "128x128"},
    ).json()
    early = client.post(f"/v1/renders/{render['id']}/share")
    assert (early.status_code, early.json()["code"]) == (409, "not-ready")
    wait_until_over(client, render["id"])
    url = client.post(f"/v1/renders/{render['id']}/share").json()["url"]
    assert httpx.get(url).status_code == 200
    client.delete(f"/v1/renders/{render['id']}")
    assert httpx.get(url).status_code == 404


@pytest.mark.parametrize(("kind", "codec"), [("webm", "vp9"), ("gif", "gif"), ("mp4", "h264")])
def test_other_formats_are_made_when_asked_for(
    client: httpx.Client, done: dict[str, Any], kind: str, codec: str
) -> None:
    url = f"{done['links']['video']}?format={kind}"
    first = client.get(url)
    assert first.status_code == 200, first.text
    with av.open(io.BytesIO(first.content)) as opened:
        assert opened.streams.video[0].codec_context.name.startswith(codec)
        frames = sum(1 for _ in opened.decode(video=0))
    assert frames == math.ceil(done["report"]["frames"] / (2 if kind == "gif" else 1))
    assert client.get(url).headers["etag"] == first.headers["etag"]
    assert kind in first.headers["content-disposition"]


def test_a_render_can_be_asked_for_again(client: httpx.Client, done: dict[str, Any]) -> None:
    asked = client.get(f"/v1/renders/{done['id']}/request").json()
    assert (asked["title"], asked["expression"], asked["subtitles"]) == (TITLE, 0.5, "srt")
    assert asked["portrait"].startswith("file_")
    again = client.post("/v1/renders", json=asked)
    assert again.status_code == 201
    assert again.json()["options"] == done["options"]
    client.delete(f"/v1/renders/{again.json()['id']}")


def test_titles_change_and_texts_are_searched(client: httpx.Client, done: dict[str, Any]) -> None:
    own = f"/v1/renders/{done['id']}"
    renamed = client.patch(own, json={"title": "Ein Gruß"})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Ein Gruß")
    for words in ("Gruß", "LIGHTHOUSE &"):
        page = client.get("/v1/renders", params={"search": words}).json()
        assert done["id"] in [each["id"] for each in page["renders"]], words
    for words in ("expression", "file_", "%"):
        assert client.get("/v1/renders", params={"search": words}).json()["renders"] == []
    assert client.patch(own, json={"title": ""}).status_code == 422
    assert client.patch("/v1/renders/x", json={"title": "a"}).status_code == 404
    client.patch(own, json={"title": TITLE})
