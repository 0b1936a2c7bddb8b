"""Defaults that a person or a machine sets once, in environment variables.

Read only by `api` and `cli`; everything below them gets plain values.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every LIPSMITH_* variable. An option that is given always wins."""

    model_config = SettingsConfigDict(env_prefix="LIPSMITH_", frozen=True, extra="ignore")

    engine: str = Field(
        default="rig", description="Draws the face; a name from `lipsmith engines`."
    )
    voice: str | None = Field(
        default=None,
        description="Says texts for which neither a voice nor a language is asked for; "
        "a name from `lipsmith voices`.",
    )
    home: Path | None = Field(
        default=None,
        description="The folder of engines' environments and of consents that were given; "
        "in the user's data folder when not set.",
    )
    models: Path | None = Field(
        default=None,
        description="The folder of downloaded weights; the user's cache folder when not set.",
    )
    consent: bool = Field(
        default=False,
        description="Declares, for every voice that is cloned, that its owner agrees.",
    )
    offline: bool = Field(default=False, description="Never use the network.")
    commercial: bool = Field(
        default=False,
        description="Refuse weights whose licence does not clearly allow commercial use.",
    )


@cache
def settings() -> Settings:
    """The settings of this process, read on first use."""
    return Settings()
