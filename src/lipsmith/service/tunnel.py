"""A public address for a service that nothing outside can reach, such as one on Colab."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from lipsmith.errors import MissingExtraError, RemoteError

TOKEN = "NGROK_AUTHTOKEN"


@contextmanager
def ngrok_tunnel(port: int) -> Iterator[str]:
    """The public URL that leads to a port of this machine, while the context is open.

    Raises:
        MissingExtraError: the package is not installed.
        RemoteError: there is no token, or ngrok does not answer or refuses it.
    """
    try:
        import ngrok
    except ImportError as error:
        raise MissingExtraError("the tunnel", "tunnel") from error
    token = os.environ.get(TOKEN)
    if not token:
        raise RemoteError(
            f"set {TOKEN} to the token that https://dashboard.ngrok.com/ shows to its users"
        )
    try:
        listener = ngrok.forward(port, authtoken=token)
    except Exception as error:  # the package has no class of its own for them
        words = ": ".join(map(str, error.args)) or type(error).__name__
        reason = words.replace(token, "…").strip().partition("\n")[0]
        raise RemoteError(f"ngrok cannot be used: {reason}") from error
    try:
        yield str(listener.url())
    finally:
        with suppress(Exception):
            ngrok.disconnect(listener.url())
