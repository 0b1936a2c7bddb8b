"""Every error that Lipsmith raises on purpose.

    LipsmithError            anything below; `exit_code` is what the command line returns
    ├── InputError           what was given cannot be used (exit 2)
    │   ├── PictureError     the picture: missing, broken, too large
    │   ├── FaceError        no usable face in the picture
    │   ├── AudioError       the recording: missing, broken, empty
    │   ├── TextError        the text: empty, too long
    │   ├── ConsentError     a voice is to be cloned, and nobody said that its owner agrees
    │   ├── JobsError        a file of jobs for a batch: missing, broken, empty
    │   ├── OptionError      an option's value, or options that exclude each other
    │   ├── UnreachableError a URL that was given cannot be fetched or called, or must not be
    │   └── OutputError      the output: unwritable, exists already, unknown suffix
    ├── MissingExtraError    an optional package is not installed (exit 2)
    │   └── MissingEnvironmentError  nor is an engine that has an environment of its own
    ├── InstallError         an engine's environment cannot be made or removed (exit 1)
    ├── WeightsError         weights of a model (exit 2: ask differently, 1: it failed)
    │   ├── UnknownWeightsError  no weights have this name (2)
    │   ├── MissingWeightsError  not on this machine yet (2)
    │   ├── CheckpointError  a file of weights is damaged, or of another model (2)
    │   ├── LicenceError         the licence does not allow what was asked for (2)
    │   ├── OfflineError         the network would be needed, and is not to be used (2)
    │   ├── DownloadError        no place has the file, or the connection is lost (1)
    │   └── WrongHashError       what came is not what was promised (1)
    ├── StorageError         artefacts cannot be kept or read (exit 1)
    │   └── MissingArtifactError  there is none of this name (2)
    ├── RemoteError          a service that is asked cannot be reached, or fails (exit 1)
    ├── JobError             what is asked of a job cannot be done (exit 2)
    │   └── UnknownJobError  there is none of this id
    └── RenderError          the work itself failed (exit 1)
        ├── SpeechError      the voice failed
        │   └── ServiceError an online voice cannot be reached or refuses to speak
        └── DiskFullError    no room for the output

Each message is for the person who reads it: what is wrong, in which file, what to do.
"""

from __future__ import annotations

from typing import ClassVar


class LipsmithError(Exception):
    """Base of all errors raised on purpose; the message is one or two plain lines."""

    exit_code: ClassVar[int] = 1


class InputError(LipsmithError):
    """What was given cannot be used."""

    exit_code = 2


class PictureError(InputError):
    """The picture is missing, broken, or of an impossible size."""


class FaceError(InputError):
    """The picture holds no face that can be animated."""


class AudioError(InputError):
    """The recording is missing, broken, empty or has no sound."""


class TextError(InputError):
    """The text is empty, too long, or has nothing that can be spoken."""


class ConsentError(InputError):
    """A voice is to be cloned, and nobody has declared the consent of the person it belongs to."""


class JobsError(InputError):
    """A file of jobs is missing, broken, or has none in it."""


class OptionError(InputError):
    """An option has a value that cannot be used, or options exclude each other."""


class UnreachableError(InputError):
    """A URL that was given cannot be fetched or called, or must not be."""


class OutputError(InputError):
    """The output cannot be written where it was asked for."""


class MissingExtraError(LipsmithError):
    """An optional part is not installed; the message says what to type."""

    exit_code = 2

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an extra: pip install 'lipsmith[{extra}]'")
        self.extra = extra


class MissingEnvironmentError(MissingExtraError):
    """An engine's own environment is not there; problem: what follows the engine's name."""

    def __init__(self, engine: str, problem: str = "is not installed") -> None:
        LipsmithError.__init__(
            self, f"the engine {engine!r} {problem}: lipsmith engines install {engine}"
        )
        self.extra = engine


class InstallError(LipsmithError):
    """An engine's own environment cannot be made, or not be removed."""


class WeightsError(LipsmithError):
    """The weights of a model cannot be had, kept or used."""


class UnknownWeightsError(WeightsError):
    """No weights have this name."""

    exit_code = 2


class MissingWeightsError(WeightsError):
    """The weights are not on this machine, or not whole; the message says what to type."""

    exit_code = 2


class CheckpointError(WeightsError):
    """A file of weights cannot be read, or is not of the model that it was given for."""

    exit_code = 2


class LicenceError(WeightsError):
    """Commercial use was declared, and the licence forbids it or does not say."""

    exit_code = 2


class OfflineError(WeightsError):
    """The network would be needed, and it was said that it is not to be used."""

    exit_code = 2


class DownloadError(WeightsError):
    """No place has the file, none answers, or there is no room for it."""


class WrongHashError(DownloadError):
    """A file is not the one that the catalogue, its host or an earlier download promised."""


class StorageError(LipsmithError):
    """Artefacts cannot be kept, read or deleted."""


class MissingArtifactError(StorageError):
    """There is no artefact of this name."""

    exit_code = 2


class RemoteError(LipsmithError):
    """The service that was to do it cannot be reached, refuses, or failed."""


class JobError(LipsmithError):
    """What is asked of a job cannot be done in its state."""

    exit_code = 2


class UnknownJobError(JobError):
    """There is no job of this id, or it is somebody else's."""


class RenderError(LipsmithError):
    """The work started and failed."""


class SpeechError(RenderError):
    """A voice failed while it was speaking."""


class ServiceError(SpeechError):
    """The service of an online voice cannot be reached, does not answer or refuses."""


class DiskFullError(RenderError):
    """The disk had no room for the output; nothing half-written was left."""
