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

import httpx

from lipsmith.errors import UnreachableError

_TIMEOUT_S = 10.0
_TUNNELS = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "fec0::/10",
    )
)
"""IPv6 addresses that stand for IPv4 ones, and those of sites."""
_RESERVED = tuple(
    ipaddress.IPv4Network(network) for network in ("192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4")
)


async def safe_request(
    client: httpx.AsyncClient, url: str, method: str = "GET", body: bytes | None = None
) -> httpx.Request:
    """A request to an address that was looked up and found public; no name can change it later.

    Raises:
        UnreachableError: it is no such URL, or leads to no public address.
    """
    try:
        asked = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UnreachableError(f"{url[:200]!r} is no URL: {error}") from error
    name = asked.raw_host.decode("ascii")
    if asked.scheme not in ("http", "https") or not name:
        raise UnreachableError(f"{url[:200]!r} is no http or https URL")
    port = asked.port or (443 if asked.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, OverflowError) as error:
        raise UnreachableError(f"{name} is not known") from error
    addresses = [ipaddress.ip_address(address[4][0]) for address in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise UnreachableError(f"{name} is not on the public internet")
    target = asked.copy_with(host=str(addresses[0]), port=port, username=None, password=None)
    headers = {"Host": asked.netloc.decode("ascii"), "Accept-Encoding": "identity"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    request = client.build_request(method, target, headers=headers, content=body)
    request.extensions["sni_hostname"] = name
    return request


def is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address is one of the public internet, and leads to no other one."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id is not None or any(address in network for network in _TUNNELS):
            return False
    elif any(address in network for network in _RESERVED):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


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
            # What it answers is not read; it could be endless.
            answer = await client.send(request, stream=True)
            await answer.aclose()
        except httpx.HTTPError as error:
            raise UnreachableError(f"{url} cannot be called: {error}") from error
    if not answer.is_success:
        raise UnreachableError(f"{url} answers {answer.status_code}")
