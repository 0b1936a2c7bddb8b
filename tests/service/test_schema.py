"""Requests made up from the OpenAPI schema, good and bad ones: none makes the service fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from running_service import RunningService

schemathesis = pytest.importorskip("schemathesis", reason="pip install schemathesis")

from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402
from hypothesis.errors import Unsatisfiable  # noqa: E402

_BUDGET_S = 25.0
_EACH = 5
_WAITING = ("/generate-from-text", "/generate-from-audio")
"""They answer when the video is done; what is good would take long."""

_ENDLESS = ("/v1/events",)
"""They answer until the client goes away."""


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that renders nothing."""
    running = RunningService(tmp_path_factory.mktemp("schema") / "home", "--no-work")
    running.start()
    yield running
    running.stop()


def test_nothing_that_can_be_asked_makes_it_fail(idle: RunningService) -> None:
    schema = schemathesis.openapi.from_url(f"{idle.url}/openapi.json")
    found = [each.ok() for each in schema.get_all_operations()]
    operations = [each for each in found if each.path not in _ENDLESS]
    assert len(operations) > 20
    began_s = time.monotonic()
    tried = 0
    for operation in operations:
        for mode in schemathesis.GenerationMode:
            if operation.path in _WAITING and mode is schemathesis.GenerationMode.POSITIVE:
                continue
            if time.monotonic() - began_s < _BUDGET_S:
                tried += _try(operation, mode)
    assert tried > 100
    log = idle.log.read_text()
    assert "Traceback" not in log, log[-3000:]


def _try(operation: Any, mode: Any) -> int:
    """How many requests were answered."""
    answered = 0

    @settings(
        max_examples=_EACH,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        nonlocal answered
        answer = case.call(timeout=20)
        assert answer.status_code < 500, f"{case.as_curl_command()}: {answer.text}"
        answered += 1

    # Where everything is allowed, or nothing can be changed, there is nothing bad to send.
    with suppress(Unsatisfiable):
        ask()
    return answered
