"""Environments are made whole or not at all, found, checked and removed."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lipsmith.environments.install import InstallProgress, install
from lipsmith.environments.spec import EnvironmentSpec
from lipsmith.environments.store import EnvironmentStore
from lipsmith.errors import InstallError, MissingEnvironmentError

TALKER = Path(__file__).with_name("talker.py")


def left(store: EnvironmentStore) -> list[str]:
    """Everything in the store's folder but the locks."""
    return (
        [p.name for p in store.root.iterdir() if p.name != ".locks"] if store.root.exists() else []
    )


def test_an_environment_is_made_found_checked_and_removed(
    store: EnvironmentStore, talker: EnvironmentSpec
) -> None:
    told: list[InstallProgress] = []
    made = install(store, talker, on_progress=told.append)
    assert made == store.find(talker)
    assert store.installed() == (made,)
    assert made.python.exists()
    assert made.version.startswith("3.")
    assert made.size_bytes > 1000
    assert store.verify(talker) == ()
    assert [p.fraction for p in told] == sorted(p.fraction for p in told)
    assert told[-1].fraction == 1
    assert left(store) == ["talker"]
    assert store.remove("talker") == made.size_bytes
    assert left(store) == []


def test_pinned_packages_are_installed_and_watched(
    store: EnvironmentStore, pinned: Callable[..., EnvironmentSpec]
) -> None:
    spec = pinned("greet==1.0")
    told: list[str] = []
    made = install(store, spec, on_progress=lambda progress: told.append(progress.text))
    assert made.packages == {"greet": "1.0"}
    assert "looking for greet" in told
    (packages,) = made.folder.rglob("greet-1.0.dist-info")
    (packages / "METADATA").write_text("Metadata-Version: 2.1\nName: greet\nVersion: 2.0\n")
    assert store.verify(spec) == ("greet is 2.0 instead of 1.0",)
    (packages.parent / "greet.py").unlink()
    assert "No module named 'greet'" in store.verify(spec)[0]


def test_what_was_never_installed_says_what_to_type(
    store: EnvironmentStore, talker: EnvironmentSpec
) -> None:
    assert store.installed() == ()
    with pytest.raises(MissingEnvironmentError, match="lipsmith engines install talker"):
        store.find(talker)
    with pytest.raises(InstallError, match="installed are: none"):
        store.remove("talker")


def test_other_pins_ask_for_another_installation(
    store: EnvironmentStore, pinned: Callable[..., EnvironmentSpec]
) -> None:
    install(store, replace(pinned(), adapter=TALKER))
    with pytest.raises(MissingEnvironmentError, match="another version of Lipsmith"):
        store.find(pinned("greet==1.0"))
    install(store, pinned("greet==1.0"))
    assert store.find(pinned("greet==1.0")).packages == {"greet": "1.0"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("greet==9.9", "there is no greet==9.9 for this Python"),
        ("absent==1.0", "there is no absent==1.0 for this Python"),
        ("greet==1.0\ngreet==1.0.1", "pip failed: .*greet"),
        ("not a requirement", "pip failed: Invalid requirement"),
    ],
)
def test_packages_that_cannot_be_had_leave_nothing(
    store: EnvironmentStore, pinned: Callable[..., EnvironmentSpec], line: str, reason: str
) -> None:
    with pytest.raises(InstallError, match=reason):
        install(store, pinned(line))
    assert left(store) == ["greeter.log"]
    assert store.installed() == ()


def test_an_unreachable_index_is_told_from_a_missing_package(
    store: EnvironmentStore, tmp_path: Path
) -> None:
    requirements = tmp_path / "far.txt"
    requirements.write_text("--index-url http://127.0.0.1:9/simple\nabsent==1.0\n")
    with pytest.raises(InstallError, match="index cannot be reached"):
        install(store, EnvironmentSpec("far", "", TALKER, requirements))


def test_an_optional_package_is_left_out_with_a_warning(
    store: EnvironmentStore, pinned: Callable[..., EnvironmentSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    spec = pinned("greet==1.0", optional=("absent==1.0",))
    assert "absent==1.0 was left out" in install(store, spec).warnings[0]
    assert store.find(spec).warnings


def test_an_engine_that_does_not_start_is_not_installed(
    store: EnvironmentStore, talker: EnvironmentSpec, tmp_path: Path
) -> None:
    install(store, talker)
    broken = tmp_path / "broken.py"
    broken.write_text(
        "class Adapter:\n    def check(self, call):\n        raise OSError('no GPU')\n"
    )
    with pytest.raises(InstallError, match=r"does not work: .*no GPU"):
        install(store, replace(talker, adapter=broken))
    assert store.verify(talker) == ()
    assert left(store) == ["talker"]


def test_no_fitting_python(store: EnvironmentStore, talker: EnvironmentSpec) -> None:
    with pytest.raises(InstallError, match=r"needs Python 2\.7, and none is on the PATH"):
        install(store, replace(talker, pythons=("2.7",)))
    with pytest.raises(InstallError, match="is none of them"):
        install(store, talker, python=Path("/bin/sh"))
    assert left(store) == []


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_installation_leaves_nothing_half(
    store: EnvironmentStore, talker: EnvironmentSpec, tmp_path: Path, how: signal.Signals
) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    code = f"""
        from pathlib import Path
        from lipsmith.environments.install import install
        from lipsmith.environments.spec import EnvironmentSpec
        from lipsmith.environments.store import EnvironmentStore
        spec = EnvironmentSpec("talker", "", Path({str(slow)!r}))
        install(EnvironmentStore(Path({str(store.root.parent)!r})), spec,
                on_progress=lambda progress: print(progress.text, flush=True))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        while b"checking" not in process.stdout.readline():
            pass
        with pytest.raises(InstallError, match="by another process"):
            install(store, talker)
        time.sleep(0.2)
        process.send_signal(how)
    assert store.installed() == ()
    if how is signal.SIGINT:
        assert left(store) == []
    install(store, talker)
    assert left(store) == ["talker"]


def test_a_python_that_went_away(store: EnvironmentStore, talker: EnvironmentSpec) -> None:
    made = install(store, talker)
    made.python.unlink()
    with pytest.raises(MissingEnvironmentError, match="lost its Python"):
        store.find(talker)


def test_a_folder_that_cannot_be_written(talker: EnvironmentSpec, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InstallError, match="cannot write in"):
        install(EnvironmentStore(tmp_path / "file"), talker)
