"""What `--install-deps` installs, and where it does not."""

from __future__ import annotations

import json
import sys
import sysconfig
from pathlib import Path

import pytest

from lipsmith.cli.extras import install_extra, requirements_of
from lipsmith.errors import InstallError

PIP = """
import json, os, pathlib, sys
pathlib.Path(os.environ["ASKED_OF_PIP"]).write_text(json.dumps(sys.argv[1:]))
print("Collecting torch")
sys.exit("no matching distribution" if "PIP_FAILS" in os.environ else 0)
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a pip that installs nothing writes what it was asked."""
    package = tmp_path / "packages" / "pip"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(PIP)
    monkeypatch.setenv("PYTHONPATH", str(package.parent))
    monkeypatch.setenv("ASKED_OF_PIP", str(tmp_path / "asked.json"))
    monkeypatch.syspath_prepend(package.parent)
    return tmp_path / "asked.json"


def test_the_packages_of_the_extra_are_installed_and_told(
    asked: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    install_extra("neural")
    command = json.loads(asked.read_text())
    assert command[0] == "install" and command[2:] == requirements_of("neural")
    assert {name.split("<")[0].split(">")[0] for name in command[2:]} == {
        "torch", "onnx", "safetensors"
    }  # fmt: skip
    out, err = capfd.readouterr()
    assert not out, "what programs read stays clean"
    assert err.startswith("installing ") and sys.executable in err and "Collecting" in err


def test_a_failure_of_pip_names_what_to_type(asked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FAILS", "1")
    with pytest.raises(InstallError, match=r"pip install 'lipsmith\[neural\]'"):
        install_extra("neural", quiet=True)
    assert "--quiet" in json.loads(asked.read_text())


def test_the_systems_python_is_left_alone(
    asked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    monkeypatch.setattr(sysconfig, "get_path", lambda name: str(tmp_path))
    install_extra("neural")  # an environment of one's own on it
    asked.unlink(missing_ok=True)
    monkeypatch.setattr(sys, "base_prefix", sys.prefix)
    with pytest.raises(InstallError, match="python3 -m venv"):
        install_extra("neural")
    assert not asked.exists()


def test_a_python_without_pip_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lipsmith.cli.extras.find_spec", lambda name: None)
    with pytest.raises(InstallError, match="uv pip install"):
        install_extra("neural")
