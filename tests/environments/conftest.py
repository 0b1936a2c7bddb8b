"""A store in a temporary folder, and specs of environments that need no network."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lipsmith.environments.spec import EnvironmentSpec
from lipsmith.environments.store import EnvironmentStore

TALKER = Path(__file__).with_name("talker.py")


@pytest.fixture
def store(tmp_path: Path) -> EnvironmentStore:
    return EnvironmentStore(tmp_path / "home")


@pytest.fixture
def talker() -> EnvironmentSpec:
    """An environment without packages."""
    return EnvironmentSpec("talker", "talks", TALKER)


@pytest.fixture
def pinned(tmp_path: Path) -> Callable[..., EnvironmentSpec]:
    """pinned(*lines): needs these lines of a requirements file; knows one package, greet 1.0."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    info = "greet-1.0.dist-info"
    with zipfile.ZipFile(wheels / "greet-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("greet.py", "WORD = 'hello'\n")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: greet\nVersion: 1.0\n")
        wheel.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        wheel.writestr(f"{info}/RECORD", f"greet.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n")
    adapter = tmp_path / "greeter.py"
    adapter.write_text(
        "class Adapter:\n    def check(self, call):\n        import greet\n        yield {}\n"
    )

    def make(*lines: str, optional: tuple[str, ...] = ()) -> EnvironmentSpec:
        requirements = tmp_path / "greeter.txt"
        text = "\n".join(["# of the test", "--no-index", f"--find-links {wheels}", *lines, ""])
        requirements.write_text(text, encoding="utf-8")
        return EnvironmentSpec("greeter", "greets", adapter, requirements, optional=optional)

    return make
