"""Engines are listed without being imported, found by name, and may come from other packages."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from lipsmith import registry
from lipsmith.engines.base import Engine
from lipsmith.errors import LipsmithError, MissingExtraError, OptionError
from lipsmith.finishing.base import Restorer, Upscaler
from lipsmith.registry import EngineKind, EngineSpec, engine_specs, find_engine, load_engine
from lipsmith.speech.base import SpeechEngine

SEAMS = {
    EngineKind.LIPSYNC: Engine,
    EngineKind.SPEECH: SpeechEngine,
    EngineKind.RESTORE: Restorer,
    EngineKind.UPSCALE: Upscaler,
}


@pytest.mark.parametrize("spec", engine_specs(), ids=lambda spec: spec.name)
def test_every_listed_engine_loads_and_fits_its_seam(spec: EngineSpec) -> None:
    assert isinstance(load_engine(spec), SEAMS[spec.kind])


def test_listing_imports_no_engine() -> None:
    code = (
        "import sys, lipsmith; specs = lipsmith.list_engines(); assert specs\n"
        "loaded = [s.name for s in specs if s.target.split(':')[0] in sys.modules]\n"
        "assert not loaded, loaded"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("name", "hint"), [("rog", "did you mean 'rig'"), ("zzz", "there are: ")])
def test_unknown_name_points_at_known_ones(name: str, hint: str) -> None:
    with pytest.raises(OptionError, match=hint):
        find_engine(EngineKind.LIPSYNC, name)


def test_a_package_adds_an_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme_lips.py").write_text("class AcmeEngine:\n    pass\n")
    about = tmp_path / "acme_lips-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(
        "Metadata-Version: 2.4\nName: acme-lips\nVersion: 1.0\n"
        "Summary: Lips by Acme.\nLicense-Expression: Apache-2.0\n"
    )
    (about / "entry_points.txt").write_text(
        "[lipsmith.engines]\nlipsync.acme = acme_lips:AcmeEngine\nlipsync.rig = acme_lips:Rig\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    registry._installed.cache_clear()
    try:
        spec = find_engine(EngineKind.LIPSYNC, "acme")
        assert (spec.summary, spec.licence) == ("Lips by Acme.", "Apache-2.0")
        assert "acme_lips" not in sys.modules
        assert type(load_engine(spec)).__name__ == "AcmeEngine"
        assert find_engine(EngineKind.LIPSYNC, "rig").target.startswith("lipsmith.")
    finally:
        registry._installed.cache_clear()
        sys.modules.pop("acme_lips", None)


def test_a_missing_extra_says_what_to_type() -> None:
    spec = EngineSpec(EngineKind.SPEECH, "x", "no_such_module:X", "", "MIT", extra="heic")
    with pytest.raises(MissingExtraError, match=r"pip install 'lipsmith\[heic\]'"):
        load_engine(spec)


def test_a_broken_engine_points_at_the_doctor() -> None:
    spec = EngineSpec(EngineKind.SPEECH, "x", "no_such_module:X", "", "MIT")
    with pytest.raises(LipsmithError, match="doctor"):
        load_engine(spec)
