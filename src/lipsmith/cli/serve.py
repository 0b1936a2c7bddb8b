"""`lipsmith serve` and `lipsmith worker`: the service, and more hands for it."""

from __future__ import annotations

import ipaddress
import logging
import signal
import threading
from contextlib import ExitStack
from typing import Annotated, Literal

import typer

from lipsmith.cli.options import Debug
from lipsmith.errors import MissingExtraError, OptionError, RemoteError, RenderError

AtOnce = Annotated[
    int | None,
    typer.Option(
        "--at-once",
        min=1,
        max=64,
        help="Segments drawn side by side; one for two processors when not given. Those of the "
        "queue gpu are not among them.",
    ),
]
PerGpu = Annotated[
    int,
    typer.Option(
        "--per-gpu", min=1, max=64, help="Segments of the queue gpu drawn side by side on each GPU."
    ),
]


def serve(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen at.")] = 8000,
    works: Annotated[
        bool,
        typer.Option("--work/--no-work", help="Whether this process renders, too."),
    ] = True,
    at_once: AtOnce = None,
    per_gpu: PerGpu = 1,
    tunnel: Annotated[
        Literal["ngrok"] | None,
        typer.Option(help="Also be reached from the internet, by ngrok; needs NGROK_AUTHTOKEN."),
    ] = None,
    debug: Debug = False,
) -> None:
    """Run the REST service: submit renders, watch them, fetch the videos."""
    from lipsmith.cli.place import place, workshop
    from lipsmith.settings import settings

    where = place()
    try:
        import uvicorn

        from lipsmith.service.app import ServiceOptions, create_app
        from lipsmith.service.keys import KeyRing
    except ModuleNotFoundError as error:
        raise MissingExtraError("the service", "service") from error
    is_local = _is_loopback(host)
    with workshop() as opened:
        opened.artifacts.check()
        if not is_local and not KeyRing(opened.engine).any():
            raise OptionError(
                f"{host} can be reached from other machines, and there is no key yet; "
                "make one first: lipsmith keys create NAME"
            )
    with ExitStack() as stack:
        is_public = tunnel is not None and _open_tunnel(stack, port)
        options = ServiceOptions(
            where,
            works=works,
            is_open=is_local and not is_public,
            at_once=at_once,
            per_gpu=per_gpu,
            cdn_url=settings().cdn_url,
        )
        typer.echo(f"The studio is open at http://{host}:{port} (its API: /docs)", err=True)
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(options),
                host=host,
                port=port,
                log_level="warning",
                timeout_graceful_shutdown=2,
            )
        )
        server.run()
    if not server.started:
        raise RenderError(f"the service could not start at {host}:{port}; is the port in use?")


def worker(
    queues: Annotated[
        str | None,
        typer.Option(
            help="What this worker takes: cpu, gpu, or both with a comma between; cpu when not "
            "given, and gpu when there is one."
        ),
    ] = None,
    at_once: AtOnce = None,
    per_gpu: PerGpu = 1,
    debug: Debug = False,
) -> None:
    """Render what a service at the same database was asked for, until stopped."""
    from lipsmith.cli.place import workshop

    taken = None if queues is None else _queues(queues)
    with workshop() as opened:
        from lipsmith.jobs.worker import Worker

        stopped = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        _log_to_stderr()
        with Worker(opened, at_once, queues=taken, per_gpu=per_gpu) as working:
            where = opened.place.database_url.rpartition("@")[2]
            takes = ", ".join(f"{queue} ({n} at once)" for queue, n in working.at_once.items())
            typer.echo(f"This worker takes renders from {where}: {takes}", err=True)
            stopped.wait()
            typer.echo("This worker stops; others go on with what it had begun", err=True)


def _queues(given: str) -> list[str]:
    """The queues that are named, in the order of the work.

    Raises:
        OptionError: there is no such queue.
    """
    from lipsmith.jobs.queues import WORK_QUEUES

    asked = {name.strip().lower() for name in given.split(",")}
    if unknown := asked - set(WORK_QUEUES):
        raise OptionError(
            f"--queues {given}: there is no queue {sorted(unknown)[0]!r}; there are: "
            f"{', '.join(WORK_QUEUES)}"
        )
    return [queue for queue in WORK_QUEUES if queue in asked]


def _open_tunnel(stack: ExitStack, port: int) -> bool:
    """Print the public address and a key for it; False when there is none to be had."""
    from lipsmith.cli.place import workshop
    from lipsmith.service.keys import KeyRing, Scope
    from lipsmith.service.tunnel import ngrok_tunnel

    try:
        url = stack.enter_context(ngrok_tunnel(port))
    except (MissingExtraError, RemoteError) as error:
        typer.echo(f"There is no tunnel, so only this machine is served: {error}", err=True)
        return False
    typer.echo(f"From everywhere: {url}", err=True)
    with workshop() as opened:
        keys = KeyRing(opened.engine)
        if keys.any():
            typer.echo("Its keys: lipsmith keys list", err=True)
        else:
            _, token = keys.create("tunnel", [Scope.READ, Scope.RENDER])
            typer.echo(f"The key for it, shown only now: {token}", err=True)
    return True


def _log_to_stderr() -> None:
    """A line for every segment that is made."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    ours = logging.getLogger("lipsmith")
    ours.addHandler(handler)
    ours.setLevel(logging.INFO)
    ours.propagate = False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
