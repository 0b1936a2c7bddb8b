"""What engines may use on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Resources:
    """models: the folder of downloaded weights; None for the one in the user's cache folder.

    offline: never use the network. commercial: use only weights whose licence clearly allows
    commercial use. home: the folder of what Lipsmith keeps, see `state_folder`.
    """

    models: Path | None = None
    offline: bool = False
    commercial: bool = False
    home: Path | None = None


def state_folder(home: Path | None) -> Path:
    """Where Lipsmith keeps what it made and was told; None: in the user's data folder."""
    if home is not None:
        return home.expanduser().absolute()
    from platformdirs import user_data_path

    return user_data_path("lipsmith", appauthor=False)
