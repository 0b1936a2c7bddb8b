"""What is told of errors, and how values and errors are kept in the job engine's database."""

from __future__ import annotations

import json
from typing import Any

from dbos import Serializer
from dbos import error as dbos_error

from lipsmith.errors import StorageError
from lipsmith.jobs.job import JobFailure
from lipsmith.jobs.process import WorkFailedError

_FAILURE = "__failure__"


def failure_of(error: Exception) -> JobFailure:
    """The kind of an error, and what clients are told of it: nothing about this machine."""
    if isinstance(error, dbos_error.DBOSMaxStepRetriesExceeded):
        return failure_of(error.errors[-1])
    if isinstance(error, StorageError):
        message = "the service could not read or keep something; see its log"
        return JobFailure(type(error).__name__, message)
    kind = error.kind if isinstance(error, WorkFailedError) else type(error).__name__
    return JobFailure(kind, str(error))


class JsonSerializer(Serializer):
    """Keeps values as JSON; an error is kept as what is told of it, and becomes a WorkFailedError.

    The portable serializer of the job engine would lose why the last try of a step failed.
    """

    def name(self) -> str:
        return "lipsmith_json"

    def serialize(self, data: Any) -> str:
        if isinstance(data, Exception):
            failure = failure_of(data)
            data = {_FAILURE: [failure.kind, failure.message]}
        return json.dumps(data, separators=(",", ":"), ensure_ascii=False)

    def deserialize(self, serialized_data: str) -> Any:
        data = json.loads(serialized_data)
        if isinstance(data, dict) and _FAILURE in data:
            return WorkFailedError(*data[_FAILURE])
        return data
