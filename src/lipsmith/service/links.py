"""Links to results that anybody can open until they expire."""

from __future__ import annotations

import hashlib
import hmac
import time
from datetime import timedelta
from urllib.parse import quote

from lipsmith.storage.artifacts import ArtifactStore


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
