from __future__ import annotations

from datetime import timedelta

from lipsmith.service.links import TokenSigner

SECRET = b"x" * 32


def test_a_token_stands_for_its_id_and_for_one_purpose() -> None:
    sessions, shares = TokenSigner(SECRET, "session"), TokenSigner(SECRET, "share")
    token, _ = shares.token("abc1", timedelta(hours=1))
    assert shares.id_of(token) == "abc1"
    assert sessions.id_of(token) is None
    assert TokenSigner(b"y" * 32, "share").id_of(token) is None


def test_a_token_expires_and_cannot_be_changed() -> None:
    shares = TokenSigner(SECRET, "share")
    old, expired = shares.token("abc1", timedelta(seconds=-1))
    assert shares.id_of(old) is None
    token, expires = shares.token("abc1", timedelta(hours=1))
    assert expires - expired > timedelta(minutes=59)
    of, seconds, signature = token.split(".")
    for changed in (
        f"abc2.{seconds}.{signature}",
        f"{of}.{int(seconds) + 60}.{signature}",
        f"{of}.{seconds}.{signature.upper()}",
        f"{token}\n",
        "",
        "a.b.c",
    ):
        assert shares.id_of(changed) is None
