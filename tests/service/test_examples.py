"""The examples make a video through a service."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import time
from pathlib import Path
from typing import Any

import av
import pytest
from running_service import RunningService

EXAMPLES = Path(__file__).parents[2] / "examples"


def _example(name: str, service: RunningService, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("LIPSMITH_REMOTE", service.url)
    monkeypatch.delenv("LIPSMITH_KEY", raising=False)
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _plays(video: bytes) -> bool:
    with av.open(io.BytesIO(video)) as opened:
        return sum(1 for _ in opened.decode(video=0)) > 10


def test_the_flask_site_makes_a_video(
    service: RunningService, portrait_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("flask", reason="pip install flask")
    site = _example("flask_site", service, monkeypatch).app.test_client()
    assert b"<form" in site.get("/").data
    sent = {"portrait": (io.BytesIO(portrait_path.read_bytes()), "face.png"), "text": "Hello."}
    answer = site.post("/videos", data=sent)
    assert answer.status_code == 303
    page = b""
    for _ in range(600):
        page = site.get(answer.location).data
        if b"refresh" not in page:
            break
        time.sleep(0.1)
    found = re.search(rb'<video src="([^"]+)"', page)
    assert found is not None, page
    assert _plays(site.get(found[1].decode()).data)
    empty = {"portrait": (io.BytesIO(b""), "face.png"), "text": "Hello."}
    assert b"empty" in site.post("/videos", data=empty).data
    assert site.get("/videos/unknown").status_code == 400


def test_the_gradio_page_makes_a_video(
    service: RunningService, portrait_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("gradio", reason="pip install gradio")
    page = _example("gradio_app", service, monkeypatch)
    assert _plays(Path(page.make_video(str(portrait_path), "Hello.")).read_bytes())


def test_the_streamlit_page_makes_a_video(
    service: RunningService, portrait_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("streamlit", minversion="1.60", reason="pip install streamlit>=1.60")
    from streamlit.testing.v1 import AppTest

    monkeypatch.setenv("LIPSMITH_REMOTE", service.url)
    page = AppTest.from_file(str(EXAMPLES / "streamlit_app.py")).run(timeout=30)
    assert page.button[0].disabled
    page.file_uploader[0].upload("face.png", portrait_path.read_bytes(), "image/png").run()
    page.text_area[0].set_value("Hello.").run()
    page.button[0].click().run(timeout=60)
    assert not page.exception and not page.error
    assert page.get("video")


def test_the_notebook_is_one(service: RunningService) -> None:
    notebook = json.loads((EXAMPLES / "colab.ipynb").read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in code:
        plain = "\n".join(line for line in cell.splitlines() if not line.startswith(("!", "%")))
        compile(plain, "cell", "exec")
    for command in re.findall(r"^!lipsmith (.+)$", "\n".join(code), re.MULTILINE):
        known = service.run(command.split()[0], "--help")
        assert all(word in known for word in command.split() if word.startswith("--"))


def test_without_a_tunnel_the_service_goes_on(tmp_path: Path) -> None:
    running = RunningService(
        tmp_path / "home", "--no-work", "--tunnel", "ngrok", NGROK_AUTHTOKEN=""
    )
    running.start()
    running.stop()
    (told,) = [line for line in running.log.read_text().splitlines() if "tunnel" in line]
    assert "only this machine is served" in told
    is_installed = importlib.util.find_spec("ngrok") is not None
    assert ("NGROK_AUTHTOKEN" if is_installed else "lipsmith[tunnel]") in told
