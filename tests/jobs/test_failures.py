from __future__ import annotations

import pytest

pytest.importorskip("dbos", reason="pip install 'lipsmith[service]'")

from dbos import error as dbos_error

from lipsmith.errors import FaceError, StorageError
from lipsmith.jobs.failures import JsonSerializer, failure_of
from lipsmith.jobs.process import WorkDiedError, WorkFailedError


def _kept(value: object) -> object:
    serializer = JsonSerializer()
    return serializer.deserialize(serializer.serialize(value))


def test_values_are_kept() -> None:
    assert _kept({"a": [1, 2.5, None, "é"], "b": {"c": True}}) == {
        "a": [1, 2.5, None, "é"],
        "b": {"c": True},
    }
    assert _kept(None) is None


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (FaceError("no face"), "FaceError", "no face"),
        (WorkFailedError("TextError", "empty"), "TextError", "empty"),
        (
            dbos_error.DBOSMaxStepRetriesExceeded("draw", 3, [WorkDiedError("killed")]),
            "WorkDiedError",
            "killed",
        ),
    ],
)
def test_an_error_is_told_the_same_after_it_was_kept(
    error: Exception, kind: str, message: str
) -> None:
    kept = _kept(error)
    assert isinstance(kept, Exception)
    for each in (error, kept):
        told = failure_of(each)
        assert (told.kind, told.message) == (kind, message)


def test_nothing_is_told_of_where_things_are_kept() -> None:
    told = failure_of(StorageError("s3://secret-bucket/x could not be read"))
    assert "secret" not in told.message and "log" in told.message
