"""What speech engines share that run in an environment and a process of their own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lipsmith.core.resources import Resources
from lipsmith.environments.process import EngineProcess
from lipsmith.environments.spec import EnvironmentSpec
from lipsmith.environments.store import EnvironmentStore
from lipsmith.errors import RenderError, SpeechError
from lipsmith.speech.chunks.sentences import Speaker, Utterance

_AHEAD = 1
"""A process says one sentence at a time."""


class VoiceProcess:
    """A speech engine's process that has loaded its weights.

    about: what the adapter told when it had loaded them. It may be asked from any thread.
    """

    def __init__(self, process: EngineProcess, weights: dict[str, Any]) -> None:
        self._process = process
        self._asking = threading.Lock()
        self.about = self.ask("open", weights)

    def ask(self, method: str, values: dict[str, Any]) -> dict[str, Any]:
        """One result of the adapter's method; see `EngineProcess.ask`.

        Raises:
            SpeechError: the engine failed.
            InputError: it refuses what it was given.
        """
        with self._asking, _failing_as_speech():
            return self._process.ask(method, values)

    def close(self) -> None:
        """Stop at once."""
        self._process.close()


class VoiceProcesses:
    """The processes of one engine, one for each set of weights, and what they are saying."""

    def __init__(self, spec: EnvironmentSpec) -> None:
        self._spec = spec
        self._open: dict[str, VoiceProcess] = {}
        self._speakers: list[Speaker] = []

    def check_installed(self, resources: Resources) -> None:
        """Raise MissingEnvironmentError when the engine is not installed."""
        EnvironmentStore(resources.home).find(self._spec)

    def open(self, resources: Resources, weights: dict[str, Any]) -> VoiceProcess:
        """The process that has loaded these weights, started if there is none.

        Raises:
            MissingEnvironmentError: the engine is not installed.
            SpeechError: it does not start.
            InputError: it cannot load the weights.
        """
        key = json.dumps(weights, sort_keys=True)
        if key not in self._open:
            environment = EnvironmentStore(resources.home).find(self._spec)
            name = f"the speech engine {self._spec.name!r}"
            with _failing_as_speech():
                process = EngineProcess(environment.python, self._spec.adapter, name)
            try:
                self._open[key] = VoiceProcess(process, weights)
            except BaseException:
                process.close()
                raise
        return self._open[key]

    def speaker(self, say: Callable[[str], Utterance]) -> Speaker:
        """A speaker that says sentences with `say`, until `close` is called."""

        def say_one(sentence: str, stop: threading.Event) -> Utterance:
            return say(sentence)

        speaker = Speaker(say_one, _AHEAD)
        self._speakers.append(speaker)
        return speaker

    def close(self) -> None:
        """Stop everything that is being said, and the processes."""
        for speaker in self._speakers:
            speaker.close()
        for process in self._open.values():
            process.close()
        self._open.clear()
        self._speakers.clear()


@contextmanager
def _failing_as_speech() -> Iterator[None]:
    """A block in which a process that fails is a voice that fails."""
    try:
        yield
    except RenderError as error:
        raise SpeechError(str(error)) from error
