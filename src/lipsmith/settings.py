"""Defaults that a person or a machine sets once, in environment variables.

Read only by `requests`, `api` and `cli`; everything below them gets plain values.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path

from lipsmith.errors import OptionError


@dataclass(frozen=True, slots=True)
class Settings:
    """Every LIPSMITH_* variable. An option that is given always wins."""

    engine: str = field(
        default="rig",
        metadata={"description": "Draws the face; a name from `lipsmith engines`."},
    )
    voice: str | None = field(
        default=None,
        metadata={
            "description": "Says texts for which neither a voice nor a language is asked for; "
            "a name from `lipsmith voices`."
        },
    )
    device: str = field(
        default="auto",
        metadata={"description": "Runs the networks: auto, cpu, cuda, cuda:1 or mps."},
    )
    home: Path | None = field(
        default=None,
        metadata={
            "description": "The folder of engines' environments and of consents that were given; "
            "in the user's data folder when not set."
        },
    )
    models: Path | None = field(
        default=None,
        metadata={
            "description": "The folder of downloaded weights; the user's cache folder when not set."
        },
    )
    consent: bool = field(
        default=False,
        metadata={
            "description": "Declares, for every voice that is cloned, that its owner agrees."
        },
    )
    offline: bool = field(
        default=False,
        metadata={"description": "Never use the network."},
    )
    commercial: bool = field(
        default=False,
        metadata={
            "description": "Refuse weights whose licence does not clearly allow commercial use."
        },
    )
    remote: str | None = field(
        default=None,
        metadata={
            "description": "The address of a service that `lipsmith render` lets do the work, as "
            "--remote."
        },
    )
    key: str | None = field(
        default=None,
        metadata={"description": "The key for that service, from `lipsmith keys create`."},
    )
    database_url: str | None = field(
        default=None,
        metadata={
            "description": "The service's database, postgresql://…; a SQLite file in "
            "LIPSMITH_HOME when not set."
        },
    )
    storage_url: str | None = field(
        default=None,
        metadata={
            "description": "Where the service keeps files, a folder or s3://bucket/prefix; a "
            "folder in LIPSMITH_HOME when not set."
        },
    )
    cdn_url: str | None = field(
        default=None,
        metadata={"description": "What stands before the service's files, such as CloudFront."},
    )
    secret: str | None = field(
        default=None,
        metadata={
            "description": "What the service signs links and webhooks with; the same on every "
            "machine. One that is kept in LIPSMITH_HOME when not set."
        },
    )


@cache
def settings() -> Settings:
    """The settings of this process, read on first use.

    Raises:
        OptionError: a variable is set to what it cannot be.
    """
    names = {field.name: f"LIPSMITH_{field.name.upper()}" for field in fields(Settings)}
    given = {name: os.environ[v] for name, v in names.items() if v in os.environ}
    if not given:
        return Settings()

    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(Settings).validate_python(given)
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        reason = error.errors()[0]["msg"].lower()
        raise OptionError(f"{names[name]} is {given[name]!r}: {reason}") from error
