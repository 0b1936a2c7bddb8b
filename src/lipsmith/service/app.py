"""The application: its routes, what they work with, and the worker beside them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from fastapi import FastAPI

import lipsmith
from lipsmith.jobs.desk import JobDesk
from lipsmith.jobs.worker import Worker
from lipsmith.jobs.workshop import Place, Workshop
from lipsmith.service import (
    catalogue,
    events,
    familiar,
    files,
    health,
    previews,
    reference,
    renders,
    session,
    share,
)
from lipsmith.service.bodies import RenderBody
from lipsmith.service.conversions import Converter
from lipsmith.service.events import EventView
from lipsmith.service.feed import EventFeed
from lipsmith.service.gate import Gate
from lipsmith.service.keys import KeyRing
from lipsmith.service.links import LinkSigner, TokenSigner
from lipsmith.service.pages import studio_router
from lipsmith.service.problems import PROBLEMS, Problem, handle_errors
from lipsmith.service.state import Limits, Services
from lipsmith.service.warm import WarmProcess, clear_folders

_DESCRIPTION = """
One portrait and some words in, a talking video out. Errors are problem details (RFC 9457) with a
`code`; see the page on REST in the documentation.
"""


@dataclass(frozen=True, slots=True)
class ServiceOptions:
    """works: renders are made by this process too. is_open: no key is needed while there is none.

    at_once: segments drawn side by side, None is one for two processors. per_gpu: those on each
    GPU. cdn_url: before the artefacts.
    """

    place: Place
    works: bool = True
    is_open: bool = False
    at_once: int | None = None
    per_gpu: int = 1
    cdn_url: str | None = None
    limits: Limits = field(default_factory=Limits)


def create_app(options: ServiceOptions) -> FastAPI:
    """The ASGI application; its parts are opened when it starts."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with contextlib.ExitStack() as stack:
            known = await asyncio.to_thread(_open, options, stack)
            app.state.services = known
            try:
                yield
            finally:
                await known.feed.close()
                await known.converter.close()
                await asyncio.to_thread(stack.close)

    app = FastAPI(
        title="Lipsmith",
        version=lipsmith.__version__,
        description=_DESCRIPTION,
        license_info={"name": "MIT"},
        lifespan=lifespan,
        responses=PROBLEMS,
        docs_url=None,
        redoc_url=None,
    )
    handle_errors(app)
    app.add_middleware(Gate, limits=options.limits)
    for part in (health, session, catalogue, previews, events, share, renders, familiar, files):
        app.include_router(part.router)
    app.include_router(reference.router)
    app.include_router(studio_router())
    _name_in_schema(app)
    return app


def _open(options: ServiceOptions, stack: contextlib.ExitStack) -> Services:
    place = options.place
    workshop = Workshop(place)
    stack.callback(workshop.close)
    desk = JobDesk(workshop)
    stack.callback(desk.close)
    if options.works:
        stack.enter_context(Worker(workshop, options.at_once, per_gpu=options.per_gpu))
    else:
        stack.enter_context(desk.watching())
    clear_folders(place)
    processes = [WarmProcess(place, f"the process for {what}") for what in ("pictures", "voices")]
    for process in processes:
        stack.callback(process.close)
    return Services(
        workshop=workshop,
        desk=desk,
        feed=EventFeed(workshop.ledger),
        keys=KeyRing(workshop.engine),
        links=LinkSigner(workshop.secret, workshop.artifacts, options.cdn_url),
        sessions=TokenSigner(workshop.secret, "session"),
        shares=TokenSigner(workshop.secret, "share"),
        limits=options.limits,
        converter=Converter(workshop),
        pictures=processes[0],
        voices=processes[1],
        is_open=options.is_open,
    )


def _name_in_schema(app: FastAPI) -> None:
    """Add what no route names: bodies that come as JSON or as a form, messages, and problems."""
    make = app.openapi

    def openapi() -> dict[str, object]:
        if app.openapi_schema is None:
            schema = make()
            for model in (RenderBody, EventView, Problem):
                told = model.model_json_schema(ref_template="#/components/schemas/{model}")
                schema["components"]["schemas"] |= told.pop("$defs", {}) | {model.__name__: told}
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
