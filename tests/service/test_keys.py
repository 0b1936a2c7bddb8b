from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from running_service import RunningService, wait_until_over


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that has keys, and does no work itself."""
    running = RunningService(tmp_path_factory.mktemp("guarded") / "home")
    running.run("keys", "create", "first")
    running.start()
    yield running
    running.stop()


def _client(service: RunningService, key: str) -> httpx.Client:
    return httpx.Client(base_url=service.url, headers={"Authorization": f"Bearer {key}"})


def test_nobody_listens_beyond_this_machine_without_a_key(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lipsmith", "serve", "--host", "0.0.0.0"],
        env={"LIPSMITH_HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert "lipsmith keys create" in done.stderr


def test_who_has_no_key_is_told_how_to_get_one(guarded: RunningService) -> None:
    answer = httpx.get(f"{guarded.url}/v1/renders")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorised")
    assert answer.headers["www-authenticate"] == "Bearer"
    wrong = httpx.get(f"{guarded.url}/v1/renders", headers={"X-API-Key": "lsk_123_456"})
    assert wrong.status_code == 401
    assert httpx.get(f"{guarded.url}/healthz").status_code == 200


def test_keys_are_hashed_and_revoked(guarded: RunningService) -> None:
    key = guarded.run("keys", "create", "temporary").strip()
    secret = key.rpartition("_")[2] if key.count("_") == 2 else key.split("_", 2)[2]
    for path in guarded.home.rglob("*"):
        if path.is_file():
            assert secret.encode() not in path.read_bytes(), path
    with _client(guarded, key) as client:
        assert client.get("/v1/renders").status_code == 200
    basic = base64.b64encode(f"{key}:".encode()).decode()
    answer = httpx.get(f"{guarded.url}/v1/renders", headers={"Authorization": f"Basic {basic}"})
    assert answer.status_code == 200
    guarded.run("keys", "revoke", key.split("_")[1])
    with _client(guarded, key) as client:
        assert client.get("/v1/renders").status_code == 401
    assert "temporary" in guarded.run("keys", "list")


def test_results_are_read_by_who_asked_for_them(
    guarded: RunningService, portrait_path: Path
) -> None:
    anna = guarded.run("keys", "create", "anna").strip()
    ben = guarded.run("keys", "create", "ben").strip()
    chief = guarded.run("keys", "create", "chief", "--scope", "read", "--scope", "admin").strip()
    with _client(guarded, anna) as client:
        render = client.post(
            "/v1/renders",
            files={"portrait": portrait_path.read_bytes()},
            data={"text": "Mine.", "size": "128x128"},
        ).json()
        assert wait_until_over(client, render["id"], anna)["status"] == "done"
        link = client.post(f"/v1/renders/{render['id']}/video/link").json()["url"]
    with _client(guarded, ben) as client:
        assert client.get(f"/v1/renders/{render['id']}").status_code == 404
        assert client.get(f"/v1/renders/{render['id']}/video").status_code == 404
        assert client.delete(f"/v1/renders/{render['id']}").status_code == 404
        assert client.get("/v1/renders").json()["renders"] == []
    with _client(guarded, chief) as client:
        assert client.get(f"/v1/renders/{render['id']}").status_code == 200
        refused = client.delete(f"/v1/renders/{render['id']}")
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert httpx.get(link).status_code == 200
