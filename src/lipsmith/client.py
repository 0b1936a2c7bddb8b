"""A service somewhere else, used as if it were here.

client = lipsmith.Client("https://render.example.org", key)
report = client.render("face.jpg", text="Hello", out="hello.mp4")
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self, TypeVar, Unpack
from urllib.parse import urlsplit

import httpx

from lipsmith import errors
from lipsmith.core.closing import Closing
from lipsmith.core.request import Progress, RenderReport
from lipsmith.errors import OptionError, RemoteError
from lipsmith.options import PathLike, RenderOptions, takes_render_options

T = TypeVar("T")

FILES = ("audio", "clone", "transcript", "background")
_ELSEWHERE = (
    "weights", "restore_weights", "upscale_weights", "device", "precision", "runtime",
    "batch_size", "detector", "detector_batch_size", "pads", "box", "static_box", "smooth_box",
)  # fmt: skip
"""Options that are the service's own business."""
_STAGES = {"join": "finish", "done": "finish"}
_TIMEOUT = httpx.Timeout(60.0, read=90.0)
_RETRIES = 8
_BLOCK_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class RemoteRender:
    """A render as the service tells of it.

    status: "queued", "running", "done", "failed" or "cancelled". progress: 0..1. report: what was
    made, when it is done. links: URLs of what came of it. error: what was wrong, if it failed.
    """

    id: str
    title: str
    status: str
    stage: str
    progress: float
    fps: float
    eta_s: float | None
    report: Mapping[str, Any] | None
    links: Mapping[str, str]
    error: str | None
    code: str | None

    @property
    def is_over(self) -> bool:
        return self.status not in ("queued", "running")


class AsyncClient:
    """Talks to one service; also a context manager. Every method raises RemoteError."""

    def __init__(self, url: str, key: str | None = None) -> None:
        """url: of the service, as `lipsmith serve` prints it. key: from `lipsmith keys create`."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise OptionError(f"{url} is no address of a service, such as http://127.0.0.1:8000")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._url = url.rstrip("/")
        self._http = httpx.AsyncClient(base_url=self._url, headers=headers, timeout=_TIMEOUT)

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @takes_render_options
    async def submit(
        self,
        picture: PathLike,
        *,
        format: str = "mp4",
        title: str | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[RenderOptions],
    ) -> RemoteRender:
        """Have a video made, without waiting for it.

        picture: a file, a URL, or the id of an upload. format: "mp4", "webm" or "gif".

        {options}
        """
        with ExitStack() as stack:
            files, fields = _form(stack, picture, options)
            fields |= {"format": format} | ({"title": title} if title else {})
            headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
            answer = await self._request(
                "POST", "/v1/renders", files=files or None, data=fields, headers=headers
            )
        return _render(answer.json())

    async def look(self, render: str) -> RemoteRender:
        """How far a render is. render: its id."""
        return _render((await self._request("GET", f"/v1/renders/{render}")).json())

    async def list(self, limit: int = 50, search: str = "") -> list[RemoteRender]:
        """The newest renders of this key."""
        asked = {"limit": limit, "search": search}
        answer = await self._request("GET", "/v1/renders", params=asked)
        return [_render(each) for each in answer.json()["renders"]]

    async def cancel(self, render: str) -> RemoteRender:
        """Stop a render."""
        return _render((await self._request("POST", f"/v1/renders/{render}/cancel")).json())

    async def delete(self, render: str) -> None:
        """Forget a render and what came of it."""
        await self._request("DELETE", f"/v1/renders/{render}")

    async def follow(self, render: str) -> AsyncIterator[RemoteRender]:
        """A render whenever something about it changes, until it is over.

        A connection that breaks is made again, and nothing is told twice.
        """
        last, broken = "", 0
        while True:
            headers = {"Last-Event-ID": last} if last else {}
            try:
                async with self._http.stream(
                    "GET", f"/v1/renders/{render}/events", headers=headers
                ) as stream:
                    if stream.is_error:
                        await stream.aread()
                        _check(stream, self._url)
                    async for line in stream.aiter_lines():
                        name, _, value = line.partition(": ")
                        if name == "id":
                            last, broken = value, 0
                        elif name == "data":
                            told = json.loads(value)
                            seen = _event(told)
                            yield await self.look(render) if seen.is_over else seen
                            if seen.is_over:
                                return
            except httpx.HTTPError as error:
                broken += 1
                if broken > _RETRIES:
                    raise RemoteError(f"{self._url} is lost: {error}") from error
            await asyncio.sleep(min(0.2 * 2**broken, 10.0))

    async def download(
        self, render: str, out: PathLike, kind: str = "video", *, overwrite: bool = False
    ) -> Path:
        """Fetch one of the results: "video", "subtitles", "visemes" or "poster".

        Raises:
            OutputError: the file cannot be written.
        """
        from lipsmith.media.output import written_aside

        path = Path(out)
        with written_aside(path, overwrite=overwrite) as aside, aside.open("wb") as file:
            url = f"/v1/renders/{render}/{kind}"
            try:
                async with self._http.stream("GET", url) as stream:
                    if stream.is_error:
                        await stream.aread()
                        _check(stream, self._url)
                    async for block in stream.aiter_bytes(_BLOCK_BYTES):
                        file.write(block)
            except httpx.HTTPError as error:
                raise RemoteError(f"{self._url} is lost: {error}") from error
        return path

    @takes_render_options
    async def render(
        self,
        picture: PathLike,
        *,
        out: PathLike,
        overwrite: bool = False,
        visemes: PathLike | None = None,
        progress: Callable[[Progress], None] | None = None,
        **options: Unpack[RenderOptions],
    ) -> RenderReport:
        """As `lipsmith.render`, made by the service. A call that is cancelled stops the render.

        {options}
        """
        from lipsmith.media.output import check_output, check_writable

        path = Path(out)
        check_output(path, overwrite=overwrite)
        if visemes is not None:
            check_writable(Path(visemes), overwrite=overwrite)
        form = path.suffix.lower().removeprefix(".")
        started = await self.submit(picture, format=form, **options)
        try:
            async for seen in self.follow(started.id):
                if progress is not None:
                    stage = _STAGES.get(seen.stage, seen.stage)
                    progress(Progress(stage, seen.progress, 0, seen.fps, seen.eta_s))
        except BaseException:
            await asyncio.shield(self._give_up(started.id))
            raise
        if seen.report is None:
            raise _failure(seen)
        await self.download(started.id, path, overwrite=overwrite)
        if "subtitles" in seen.links:
            suffix = f".{options.get('subtitles', 'srt')}"
            beside = path.with_suffix(suffix)
            await self.download(started.id, beside, "subtitles", overwrite=overwrite)
        if visemes is not None:
            await self.download(started.id, visemes, "visemes", overwrite=overwrite)
        return _report(seen.report, path)

    async def _give_up(self, render: str) -> None:
        try:
            await self.cancel(render)
        except errors.LipsmithError:
            return  # it is over, or the service is gone

    async def _request(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise RemoteError(f"{self._url} cannot be reached: {error}") from error
        _check(answer, self._url)
        return answer


class Client(Closing):
    """`AsyncClient` for programs that wait; its methods are the same."""

    def __init__(self, url: str, key: str | None = None) -> None:
        """url: of the service, as `lipsmith serve` prints it. key: from `lipsmith keys create`."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="lipsmith-client", daemon=True
        )
        self._thread.start()
        self._client = AsyncClient(url, key)

    def close(self) -> None:
        if self._loop.is_running():
            self._wait(self._client.close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    @takes_render_options
    def submit(
        self,
        picture: PathLike,
        *,
        format: str = "mp4",
        title: str | None = None,
        idempotency_key: str | None = None,
        **options: Unpack[RenderOptions],
    ) -> RemoteRender:
        """Have a video made, without waiting for it.

        picture: a file, a URL, or the id of an upload. format: "mp4", "webm" or "gif".

        {options}
        """
        return self._wait(
            self._client.submit(
                picture, format=format, title=title, idempotency_key=idempotency_key, **options
            )
        )

    @takes_render_options
    def render(
        self,
        picture: PathLike,
        *,
        out: PathLike,
        overwrite: bool = False,
        visemes: PathLike | None = None,
        progress: Callable[[Progress], None] | None = None,
        **options: Unpack[RenderOptions],
    ) -> RenderReport:
        """As `lipsmith.render`, made by the service. Ctrl-C stops the render there.

        {options}
        """
        return self._wait(
            self._client.render(
                picture,
                out=out,
                overwrite=overwrite,
                visemes=visemes,
                progress=progress,
                **options,
            )
        )

    def look(self, render: str) -> RemoteRender:
        """How far a render is. render: its id."""
        return self._wait(self._client.look(render))

    def list(self, limit: int = 50, search: str = "") -> list[RemoteRender]:
        """The newest renders of this key."""
        return self._wait(self._client.list(limit, search))

    def cancel(self, render: str) -> RemoteRender:
        """Stop a render."""
        return self._wait(self._client.cancel(render))

    def delete(self, render: str) -> None:
        """Forget a render and what came of it."""
        self._wait(self._client.delete(render))

    def download(
        self, render: str, out: PathLike, kind: str = "video", *, overwrite: bool = False
    ) -> Path:
        """Fetch one of the results: "video", "subtitles", "visemes" or "poster"."""
        return self._wait(self._client.download(render, out, kind, overwrite=overwrite))

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


def _form(
    stack: ExitStack, picture: PathLike, options: RenderOptions
) -> tuple[dict[str, IO[bytes]], dict[str, str]]:
    """The parts of a form: files that are opened, and fields."""
    files: dict[str, IO[bytes]] = {}
    fields: dict[str, str] = {}

    def attach(name: str, path: Path) -> None:
        try:
            files[name] = stack.enter_context(path.open("rb"))
        except OSError as error:
            raise errors.InputError(f"cannot read {path}: {error.strerror}") from error

    given = str(picture)
    if given.startswith(("http://", "https://", "file_")):
        fields["portrait"] = given
    else:
        attach("portrait", Path(picture))
    for name, value in options.items():
        if value is None:
            continue
        if name in _ELSEWHERE:
            raise OptionError(f"{name} is decided where the service runs; leave it out")
        if name == "text_file":
            from lipsmith.media.text import read_text

            fields["text"] = read_text(Path(str(value)))
        elif name in FILES and Path(str(value)).is_file():
            attach(name, Path(str(value)))
        else:
            fields[name] = _field(value)
    return files, fields


def _field(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return json.dumps(dict(value))
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    return str(value)


def _check(answer: httpx.Response, url: str) -> None:
    if not answer.is_error:
        return
    try:
        told = answer.json()
        detail, code = str(told["detail"]), str(told.get("code", ""))
    except (ValueError, KeyError, TypeError):
        raise RemoteError(f"{url} answers {answer.status_code}, which no Lipsmith does") from None
    raise _error(code, detail)


_ERRORS: Mapping[str, type[errors.LipsmithError]] = {
    "invalid-picture": errors.PictureError,
    "invalid-face": errors.FaceError,
    "invalid-audio": errors.AudioError,
    "invalid-text": errors.TextError,
    "invalid-option": OptionError,
    "invalid-request": OptionError,
    "consent-missing": errors.ConsentError,
}


def _error(code: str | None, detail: str) -> errors.LipsmithError:
    return _ERRORS.get(code or "", RemoteError)(detail)


def _failure(render: RemoteRender) -> errors.LipsmithError:
    return _error(render.code, render.error or f"the render is {render.status}")


def _render(told: Mapping[str, Any]) -> RemoteRender:
    error = told.get("error") or {}
    return RemoteRender(
        id=told["id"],
        title=told["title"],
        status=told["status"],
        stage=told["stage"],
        progress=told["progress"],
        fps=told["fps"],
        eta_s=told["eta_s"],
        report=told["report"],
        links=told["links"],
        error=error.get("message"),
        code=error.get("code"),
    )


def _event(told: Mapping[str, Any]) -> RemoteRender:
    return _render({"title": "", "report": None, "links": {}, **told, "id": told["render"]})


def _report(told: Mapping[str, Any], path: Path) -> RenderReport:
    return RenderReport(
        output=path,
        frames=told["frames"],
        fps=Fraction(told["fps"]).limit_denominator(1001),
        duration_s=told["duration_s"],
        width=told["width"],
        height=told["height"],
        engine=told["engine"],
        voice=told["voice"],
        seed=told["seed"],
        elapsed_s=told["elapsed_s"],
        realtime_factor=told["realtime_factor"],
        warnings=tuple(told["warnings"]),
    )
