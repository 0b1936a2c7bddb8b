"""API keys: who may do what, and how much of it."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from lipsmith.errors import OptionError

_PREFIX = "lsk"
_tables = sa.MetaData()
_keys = sa.Table(
    "lipsmith_keys",
    _tables,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("revoked", sa.DateTime(timezone=True)),
)


class Scope(StrEnum):
    """READ: look at what the key made. RENDER: make more. ADMIN: also see what others made."""

    READ = "read"
    RENDER = "render"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """Who is asking. id: public; its secret is known to nobody but who was given it."""

    id: str
    name: str
    scopes: frozenset[Scope]
    created: datetime
    revoked: datetime | None = None


LOCAL = ApiKey("local", "this machine", frozenset(Scope), datetime(2000, 1, 1, tzinfo=UTC))
"""Who asks from this machine while there are no keys."""


class KeyRing:
    """The keys of a service, in its database; of each only a hash is kept."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        _tables.create_all(engine)

    def create(self, name: str, scopes: Sequence[Scope]) -> tuple[ApiKey, str]:
        """A new key, and the token to give away; it cannot be shown again."""
        if not name.strip():
            raise OptionError("a key needs a name that tells whose it is")
        key = ApiKey(secrets.token_hex(6), name.strip(), frozenset(scopes), datetime.now(UTC))
        secret = secrets.token_urlsafe(32)
        with self._engine.begin() as connection:
            connection.execute(
                _keys.insert().values(
                    id=key.id,
                    name=key.name,
                    digest=_digest(secret),
                    scopes=json.dumps(sorted(key.scopes)),
                    created=key.created,
                )
            )
        return key, f"{_PREFIX}_{key.id}_{secret}"

    def list(self) -> list[ApiKey]:
        """All keys, also those that were revoked, the oldest first."""
        with self._engine.begin() as connection:
            return [_key(row) for row in connection.execute(_keys.select().order_by("created"))]

    def revoke(self, key_id: str) -> None:
        """Let a key open nothing any more.

        Raises:
            OptionError: there is none of this id.
        """
        query = _keys.update().where(_keys.c.id == key_id).values(revoked=datetime.now(UTC))
        with self._engine.begin() as connection:
            if not connection.execute(query).rowcount:
                raise OptionError(f"there is no key {key_id}; `lipsmith keys list` shows them")

    def find(self, token: str) -> ApiKey | None:
        """Whose token this is; None when it is nobody's or was revoked."""
        prefix, _, rest = token.partition("_")
        key_id, _, secret = rest.partition("_")
        if prefix != _PREFIX or not secret:
            return None
        row = self._row(key_id)
        if row is None:
            return None
        return _key(row) if hmac.compare_digest(row.digest, _digest(secret)) else None

    def get(self, key_id: str) -> ApiKey | None:
        """The key of this id; None when there is none, or it was revoked."""
        row = self._row(key_id)
        return None if row is None else _key(row)

    def _row(self, key_id: str) -> sa.Row[Any] | None:
        query = _keys.select().where(_keys.c.id == key_id, _keys.c.revoked.is_(None))
        with self._engine.begin() as connection:
            return connection.execute(query).one_or_none()

    def any(self) -> bool:
        """Whether there is a key that opens something."""
        query = sa.select(sa.func.count()).where(_keys.c.revoked.is_(None))
        with self._engine.begin() as connection:
            return bool(connection.execute(query).scalar_one())


def _digest(secret: str) -> str:
    # 256 random bits need no slow hash.
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: sa.Row[Any]) -> ApiKey:
    scopes = frozenset(Scope(scope) for scope in json.loads(row.scopes))
    return ApiKey(row.id, row.name, scopes, row.created, row.revoked)
