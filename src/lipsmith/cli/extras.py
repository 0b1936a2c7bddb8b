"""Installs an extra of this package beside it, with the pip of the Python that runs."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
import sysconfig
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path

from lipsmith.errors import InstallError

_PACKAGE = "lipsmith"
_STANDARD_ERROR = 2


def install_extra(extra: str, *, quiet: bool = False) -> None:
    """Install what the extra needs, not the package again; tells first what is installed where.

    quiet: pip says nothing but errors.

    Raises:
        InstallError: this Python is the system's and not to be installed into, has no pip, or pip
            fails.
    """
    wanted = requirements_of(extra)
    by_hand = f"pip install '{_PACKAGE}[{extra}]'"
    if _is_managed():
        raise InstallError(
            f"{sys.executable} belongs to the system, which does not want packages to be installed "
            "into it; make an environment of your own and use the lipsync-tool in it: "
            f"python3 -m venv ~/lipsmith && ~/lipsmith/bin/{by_hand}"
        )
    if find_spec("pip") is None:
        raise InstallError(
            f"{sys.executable} has no pip to install with; type: uv {by_hand}, "
            "or get pip first: python -m ensurepip"
        )
    print(f"installing {', '.join(wanted)} for {sys.executable}", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", *wanted]
    command += ["--quiet"] if quiet else []
    done = subprocess.run(command, stdout=_STANDARD_ERROR)
    importlib.invalidate_caches()
    if done.returncode != 0:
        raise InstallError(f"pip could not install it, see above; by hand: {by_hand}")


def requirements_of(extra: str) -> list[str]:
    """What an extra needs, as pip takes it: "torch<3,>=2.6"."""
    found = []
    for line in requires(_PACKAGE) or ():
        requirement, _, marker = line.partition(";")
        if re.search(rf"extra\s*==\s*['\"]{re.escape(extra)}['\"]", marker):
            found.append(requirement.strip())
    return found


def _is_managed() -> bool:
    """Whether another package manager owns this Python (PEP 668)."""
    in_environment = sys.prefix != sys.base_prefix
    return not in_environment and Path(sysconfig.get_path("stdlib"), "EXTERNALLY-MANAGED").exists()
