"""What is not documented fails, and so does what is documented but not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

import pytest
import typer.main

import lipsmith
from lipsmith import errors
from lipsmith.cli import lipsync_tool
from lipsmith.cli.main import app
from lipsmith.media import limits
from lipsmith.media.text import MAX_TEXT_CHARACTERS
from lipsmith.registry import EngineSpec
from lipsmith.settings import Settings

ROOT = Path(__file__).parent.parent
CLI = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
DOCS = "\n".join(page.read_text(encoding="utf-8") for page in sorted((ROOT / "docs").glob("*.md")))
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def _options(command: Any, name: str) -> Iterator[tuple[str, set[str]]]:
    """The options of a command and of those below it, by the words that people type."""
    if not hasattr(command, "commands"):
        yield name, {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        return
    for below, each in command.commands.items():
        yield from _options(each, f"{name} {below}")


OPTIONS = dict(_options(typer.main.get_command(app), "lipsmith"))
OPTIONS |= _options(typer.main.get_command(lipsync_tool.app), "lipsync-tool")


@pytest.mark.parametrize("command", OPTIONS)
def test_every_option_is_documented(command: str) -> None:
    assert f"`{command}" in DOCS
    for option in OPTIONS[command]:
        if option.startswith("-"):
            assert re.search(rf"`[^`]*(?<![\w-]){re.escape(option)}(?![\w-])", DOCS), option


def test_every_documented_option_exists() -> None:
    known = set().union(*OPTIONS.values()) | {"--help", "-h", "--version", "--install-completion"}
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").splitlines():
            for command in re.findall(r"`([^`]*)`", line) + ([line] if "    lips" in line else []):
                if not command.startswith(("-", "lipsmith ", "lipsync-tool ", "    lips")):
                    continue
                for option in re.findall(r"(?<!\S)--?[a-z][a-z0-9-]*", command):
                    assert option in known, f"{page.name}: {option}"


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_documented(field: Field[Any]) -> None:
    assert field.metadata["description"]
    assert f"`LIPSMITH_{field.name.upper()}`" in DOCS


def test_every_documented_setting_exists() -> None:
    named = {name for page in PAGES for name in re.findall(r"LIPSMITH_([A-Z_]+)", page.read_text())}
    assert {name.lower() for name in named} <= {field.name for field in fields(Settings)}


@pytest.mark.parametrize("spec", lipsmith.list_engines(), ids=lambda spec: spec.name)
def test_every_engine_is_documented(spec: EngineSpec) -> None:
    assert f"| `{spec.name}` | {spec.kind} |" in CLI


def test_documented_limits_are_the_real_ones() -> None:
    for limit in (limits.MIN_VIDEO_SIDE_PX, limits.MAX_VIDEO_SIDE_PX, limits.MIN_FPS):
        assert re.search(rf"\b{limit}\b", CLI), limit
    assert f"{MAX_TEXT_CHARACTERS // 1_000_000} million characters" in CLI


def test_everything_public_is_documented() -> None:
    kinds = [n for n, kind in vars(errors).items() if isinstance(kind, type) and "Error" in n]
    for name in {*lipsmith.__all__, *kinds}:
        assert name in DOCS, name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith("http"):
            continue
        target, _, heading = link.partition("#")
        file = page.parent / target if target else page
        assert file.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}
            assert heading in slugs, link
