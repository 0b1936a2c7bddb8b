"""Requests to addresses that clients name, which may lead nowhere but to the public internet."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import httpx

from lipsmith.errors import UnreachableError

_TIMEOUT_S = 10.0


async def safe_request(
    client: httpx.AsyncClient, url: str, method: str = "GET", body: bytes | None = None
) -> httpx.Request:
    """A request to an address that was looked up and found public; no name can change it later.

    Raises:
        UnreachableError: it is no such URL, or leads to no public address.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UnreachableError(f"{url!r} is no http or https URL")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            parts.hostname, port, type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise UnreachableError(f"{parts.hostname} is not known: {error.strerror}") from error
    addresses = [ipaddress.ip_address(address[4][0]) for address in found]
    if not all(address.is_global for address in addresses):
        raise UnreachableError(f"{parts.hostname} is not on the public internet")
    host = f"[{addresses[0]}]" if addresses[0].version == 6 else str(addresses[0])
    target = parts._replace(netloc=f"{host}:{port}").geturl()
    headers = {"Host": parts.netloc.rpartition("@")[2]}
    if body is not None:
        headers["Content-Type"] = "application/json"
    request = client.build_request(method, target, headers=headers, content=body)
    request.extensions["sni_hostname"] = parts.hostname
    return request


async def call_webhook(url: str, values: dict[str, Any], secret: bytes) -> None:
    """Post values as JSON, with `Lipsmith-Signature: t=SECONDS,v1=HEX`.

    HEX is the HMAC-SHA256 of "SECONDS.BODY" by the service's secret.

    Raises:
        UnreachableError: it cannot be called, or does not answer with success.
    """
    body = json.dumps(values).encode()
    moment = str(int(time.time()))
    digest = hmac.new(secret, moment.encode() + b"." + body, hashlib.sha256).hexdigest()
    async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
        request = await safe_request(client, url, "POST", body)
        request.headers["Lipsmith-Signature"] = f"t={moment},v1={digest}"
        try:
            answer = await client.send(request)
        except httpx.HTTPError as error:
            raise UnreachableError(f"{url} cannot be called: {error}") from error
    if not answer.is_success:
        raise UnreachableError(f"{url} answers {answer.status_code}")
