"""Services on this machine that speak the protocols of Edge's and Google's voices.

Both "say" a word as a short hum, so that a test can hear when which word was said.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import threading
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from html import unescape
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

RATE_HZ = 24_000
LEAD_S, WORD_S, GAP_S = 0.1, 0.25, 0.08
TICKS_PER_S = 10_000_000


def hum_of(text: str) -> NDArray[np.float32]:
    """(n,): each word a hum of `WORD_S` with a gap behind it, after a short silence."""
    hum = 0.4 * np.sin(2 * np.pi * 200 * np.arange(round(WORD_S * RATE_HZ)) / RATE_HZ)
    word = np.concatenate([hum, np.zeros(round(GAP_S * RATE_HZ))])
    words = [word] * len(text.split())
    lead, tail = np.zeros(round(LEAD_S * RATE_HZ)), np.zeros(round(0.8 * RATE_HZ))
    return np.concatenate([lead, *words, tail]).astype(np.float32)


def mp3_of(samples: NDArray[np.float32]) -> list[bytes]:
    """Bare MP3 frames of 48 kbit/s, as the services send them: no tags."""
    encoder = av.CodecContext.create("libmp3lame", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE_HZ, "mono", "fltp"
    encoder.bit_rate, encoder.time_base = 48_000, Fraction(1, RATE_HZ)
    packets = []
    for start in range(0, len(samples), 576):
        frame = av.AudioFrame.from_ndarray(samples[None, start : start + 576], "fltp", "mono")
        frame.sample_rate, frame.pts = RATE_HZ, start
        packets += encoder.encode(frame)
    return [bytes(packet) for packet in (*packets, *encoder.encode(None))]


@dataclass
class EdgeService:
    """What it is asked, and how it fails.

    sentences: that it was asked to say. refusing: answer everything with HTTP 503. fail_on: a
    word of a sentence that it fails at; how: "drop" (the connection breaks in the middle), "mute"
    (no sound), "hang" (no answer).
    """

    port: int = 0
    sentences: list[str] = field(default_factory=list)
    voices: list[str] = field(default_factory=list)
    rates: list[str] = field(default_factory=list)
    refusing: bool = False
    fail_on: str = ""
    how: str = "drop"

    async def speak(self, request: Any) -> Any:
        from aiohttp import web

        assert request.query["Sec-MS-GEC"] and request.headers["Origin"].startswith("chrome-ext")
        if self.refusing:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        config = json.loads((await socket.receive_str()).partition("\r\n\r\n")[2])
        options = config["context"]["synthesis"]["audio"]
        assert options["metadataoptions"]["wordBoundaryEnabled"] == "true"
        assert options["outputFormat"] == "audio-24khz-48kbitrate-mono-mp3"
        ssml = (await socket.receive_str()).partition("\r\n\r\n")[2]
        text = unescape(re.sub(r"<[^>]+>", "", ssml))
        self.sentences.append(text)
        self.voices += re.findall(r"voice name='([^']+)'", ssml)
        self.rates += re.findall(r"rate='([^']+)'", ssml)
        failing = self.how if self.fail_on and self.fail_on in text else ""
        if failing == "hang":
            await asyncio.sleep(60)
        await socket.send_str("Path:turn.start\r\n\r\n{}")
        if failing != "mute":
            for packet in mp3_of(hum_of(text))[: 3 if failing == "drop" else None]:
                head = b"X-RequestId:1\r\nContent-Type:audio/mpeg\r\nPath:audio\r\n"
                await socket.send_bytes(len(head).to_bytes(2, "big") + head + packet)
        if failing == "drop":
            request.transport.abort()
            return socket
        for index, word in enumerate(text.split()):
            data = {
                "Offset": round((LEAD_S + index * (WORD_S + GAP_S)) * TICKS_PER_S),
                "Duration": round(WORD_S * TICKS_PER_S),
                "text": {"Text": word.strip(".,!?"), "Length": len(word)},
            }
            body = json.dumps({"Metadata": [{"Type": "WordBoundary", "Data": data}]})
            await socket.send_str(f"Path:audio.metadata\r\n\r\n{body}")
        await socket.send_str("Path:turn.end\r\n\r\n{}")
        return socket

    async def list(self, request: Any) -> Any:
        from aiohttp import web

        if self.refusing:
            return web.Response(status=503)
        names = [("en-US-AriaNeural", "Female"), ("de-DE-KatjaNeural", "Female")]
        return web.json_response(
            [
                {
                    "ShortName": name,
                    "Gender": gender,
                    "Locale": name.rpartition("-")[0],
                    "FriendlyName": f"Microsoft {name[6:-6]} Online (Natural) - somewhere",
                    "SuggestedCodec": "audio-24khz-48kbitrate-mono-mp3",
                    "Status": "GA",
                }
                for name, gender in names
            ]
        )


@dataclass
class GoogleService:
    """Like `EdgeService`; how: "refuse" (HTTP 429) or "mute"."""

    port: int = 0
    sentences: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    fail_on: str = ""
    how: str = "refuse"

    async def speak(self, request: Any) -> Any:
        from aiohttp import web

        asked = urllib.parse.parse_qs(await request.text())["f.req"][0]
        text, language, *_ = json.loads(json.loads(asked)[0][0][1])
        self.sentences.append(text)
        self.languages.append(language)
        failing = self.how if self.fail_on and self.fail_on in text else ""
        if failing == "refuse":
            return web.Response(status=429)
        sound = base64.b64encode(b"".join(mp3_of(hum_of(text)))).decode("ascii")
        if failing:
            return web.Response(text=')]}\'\n\n[["wrb.fr","jQ1olc",null]]')
        return web.Response(text=f')]}}\'\n\n[["wrb.fr","jQ1olc","[\\"{sound}\\"]",null]]')


@contextmanager
def edge_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgeService]:
    """Edge's service, which the library asks in place of Microsoft's."""
    from aiohttp import web
    from edge_tts import communicate, voices

    service = EdgeService()
    routes = [web.get("/speak", service.speak), web.get("/list", service.list)]
    with _served(routes) as service.port:
        root = f"127.0.0.1:{service.port}"
        monkeypatch.setattr(communicate, "WSS_URL", f"ws://{root}/speak?TrustedClientToken=x")
        monkeypatch.setattr(voices, "VOICE_LIST", f"http://{root}/list?trustedclienttoken=x")
        yield service


@contextmanager
def google_service(monkeypatch: pytest.MonkeyPatch) -> Iterator[GoogleService]:
    """Google's service, which the library asks in place of the real one."""
    from aiohttp import web
    from gtts import tts

    service = GoogleService()
    with _served([web.post("/{path:.*}", service.speak)]) as service.port:
        root = f"http://127.0.0.1:{service.port}"
        monkeypatch.setattr(tts, "_translate_url", lambda tld="com", path="": f"{root}/{path}")
        yield service


@contextmanager
def _served(routes: list[Any]) -> Iterator[int]:
    from aiohttp import web

    loop = asyncio.new_event_loop()
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def start() -> int:
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        return int(runner.addresses[0][1])

    port = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield port
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
