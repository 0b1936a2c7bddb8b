"""Signing in from a page, and what pages of other sites cannot do with it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from running_service import RunningService


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that has a key, and does no work."""
    running = RunningService(tmp_path_factory.mktemp("session") / "home", "--no-work")
    running.run("keys", "create", "first")
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def key(guarded: RunningService) -> str:
    return guarded.run("keys", "create", "anna").strip()


@pytest.fixture
def page(guarded: RunningService, key: str) -> Iterator[httpx.Client]:
    """A browser that has signed in."""
    own = {"Origin": guarded.url, "Sec-Fetch-Site": "same-origin"}
    with httpx.Client(base_url=guarded.url, headers=own) as client:
        assert client.post("/v1/session", json={"key": key}).status_code == 200
        yield client


def test_an_open_service_needs_no_key(client: httpx.Client) -> None:
    told = client.get("/v1/session").json()
    assert (told["needs_key"], told["signed_in"]) == (False, True)
    assert set(told["scopes"]) == {"read", "render", "admin"}
    foreign = client.get("/v1/session", headers={"Host": "evil.example"}).json()
    assert (foreign["needs_key"], foreign["signed_in"], foreign["scopes"]) == (True, False, [])


def test_a_key_is_given_once(guarded: RunningService, key: str) -> None:
    with httpx.Client(base_url=guarded.url) as client:
        before = client.get("/v1/session").json()
        assert (before["needs_key"], before["signed_in"]) == (True, False)
        wrong = client.post("/v1/session", json={"key": "lsk_1_2"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "unauthorised")
        assert "set-cookie" not in wrong.headers
        answer = client.post("/v1/session", json={"key": key})
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie and "secure" not in cookie
        assert key.split("_")[2].lower() not in cookie
        assert answer.json()["name"] == "anna"
        assert client.get("/v1/session").json()["signed_in"]
        assert client.get("/v1/renders").status_code == 200
        assert client.delete("/v1/session").status_code == 204
        assert not client.get("/v1/session").json()["signed_in"]
        assert client.get("/v1/renders").status_code == 401
    secure = {"X-Forwarded-Proto": "https"}
    answer = httpx.post(f"{guarded.url}/v1/session", json={"key": key}, headers=secure)
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_revoked_key_ends_its_session(guarded: RunningService) -> None:
    key = guarded.run("keys", "create", "ben").strip()
    with httpx.Client(base_url=guarded.url) as page:
        page.post("/v1/session", json={"key": key})
        assert page.get("/v1/renders").status_code == 200
        guarded.run("keys", "revoke", key.split("_")[1])
        assert page.get("/v1/renders").status_code == 401


def test_a_cookie_cannot_be_made_up(guarded: RunningService, page: httpx.Client) -> None:
    token = page.cookies["lipsmith_session"]
    of, expires, signature = token.split(".")
    for forged in (
        f"{of}.{int(expires) + 1}.{signature}",
        f"{of}.{expires}.{'0' * 64}",
        f"{'0' * 12}.{expires}.{signature}",
        "x",
    ):
        cookies = {"lipsmith_session": forged}
        assert httpx.get(f"{guarded.url}/v1/renders", cookies=cookies).status_code == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_other_sites_cannot_use_the_cookie(
    guarded: RunningService, page: httpx.Client, headers: dict[str, str]
) -> None:
    cookies = dict(page.cookies)
    with httpx.Client(base_url=guarded.url, cookies=cookies, headers=headers) as other:
        assert other.get("/v1/renders").status_code == 401
        assert other.post("/v1/tracks", json={"text": "Hello."}).status_code == 401


def test_a_socket_takes_the_cookie_of_its_own_page(
    guarded: RunningService, page: httpx.Client
) -> None:
    websockets = pytest.importorskip("websockets.sync.client", reason="pip install websockets")
    url = f"ws://127.0.0.1:{guarded.port}/v1/ws"
    cookie = {"Cookie": f"lipsmith_session={page.cookies['lipsmith_session']}"}
    websockets.connect(url, additional_headers=cookie, origin=guarded.url).close()
    with pytest.raises(Exception, match="403"):
        websockets.connect(url, additional_headers=cookie, origin="https://evil.example")


def test_what_changes_something_tells_where_it_comes_from(
    guarded: RunningService, page: httpx.Client
) -> None:
    cookies = dict(page.cookies)
    with httpx.Client(base_url=guarded.url, cookies=cookies) as silent:
        assert silent.get("/v1/renders").status_code == 200
        assert silent.post("/v1/tracks", json={"text": "Hello."}).status_code == 401
    assert page.post("/v1/tracks", json={"text": "Hello."}).status_code == 201


def test_a_page_of_another_site_cannot_sign_its_visitor_in(
    guarded: RunningService, key: str
) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = httpx.post(f"{guarded.url}/v1/session", json={"key": key}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_what_is_no_key_is_not_read_for_long(guarded: RunningService) -> None:
    answer = httpx.post(f"{guarded.url}/v1/session", json={"key": "x" * 100_000})
    assert answer.status_code == 413


def test_numbers_of_the_service_are_for_this_machine_or_a_key(
    guarded: RunningService, key: str
) -> None:
    metrics = f"{guarded.url}/metrics"
    assert httpx.get(metrics).status_code == 200
    elsewhere = {"X-Forwarded-For": "203.0.113.5"}
    assert httpx.get(metrics, headers=elsewhere).status_code == 401
    assert httpx.get(metrics, headers={"Host": "evil.example"}).status_code == 401
    assert httpx.get(metrics, headers=elsewhere | {"X-API-Key": key}).status_code == 200
