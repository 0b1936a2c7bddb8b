"""What the service signs: links that anybody can open, and sessions, until they expire."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from lipsmith.storage.artifacts import ArtifactStore

_TOKEN = re.compile(r"([0-9a-z]{1,40})\.([0-9]{1,12})\.([0-9a-f]{64})")


class LinkSigner:
    """Makes links and checks those of the service's own."""

    def __init__(self, secret: bytes, artifacts: ArtifactStore, cdn_url: str | None = None) -> None:
        """secret: at least 32 bytes. cdn_url: what stands before the artefacts, if anything."""
        self._secret = secret
        self._artifacts = artifacts
        self._cdn_url = cdn_url.rstrip("/") if cdn_url else None

    def link(self, name: str, base_url: str, lasts: timedelta, download: str = "") -> str:
        """A link to an artefact. base_url: of this service. download: its name for people."""
        if self._cdn_url is not None:
            return f"{self._cdn_url}/{name}"
        if self._artifacts.signs:
            return self._artifacts.sign(name, lasts)
        expires = int(time.time() + lasts.total_seconds())
        signature = self._sign(name, expires)
        called = f"&name={quote(download)}" if download else ""
        base = base_url.rstrip("/")
        return f"{base}/v1/files/{name}?expires={expires}&signature={signature}{called}"

    def is_valid(self, name: str, expires: int, signature: str) -> bool:
        """Whether a link was made here and has not expired."""
        return expires > time.time() and hmac.compare_digest(signature, self._sign(name, expires))

    def _sign(self, name: str, expires: int) -> str:
        told = f"{name}\n{expires}".encode()
        return hmac.new(self._secret, told, hashlib.sha256).hexdigest()


class TokenSigner:
    """Makes tokens for one purpose, each of which stands for an id until it expires."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        """secret: at least 32 bytes. purpose: a token for another one is none for this."""
        self._secret = hmac.new(secret, purpose.encode(), hashlib.sha256).digest()

    def token(self, of: str, lasts: timedelta) -> tuple[str, datetime]:
        """The token of an id (letters and digits), and when it expires."""
        expires = int(time.time() + lasts.total_seconds())
        return f"{of}.{expires}.{self._sign(of, expires)}", datetime.fromtimestamp(expires, UTC)

    def id_of(self, token: str) -> str | None:
        """The id that a token stands for; None when it was not made here, or has expired."""
        found = _TOKEN.fullmatch(token)
        if found is None:
            return None
        of, expires = found[1], int(found[2])
        good = hmac.compare_digest(found[3], self._sign(of, expires))
        return of if good and expires > time.time() else None

    def _sign(self, of: str, expires: int) -> str:
        told = f"{of}\n{expires}".encode()
        return hmac.new(self._secret, told, hashlib.sha256).hexdigest()
