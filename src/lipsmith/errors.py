"""Every error that Lipsmith raises on purpose.

    LipsmithError            anything below; `exit_code` is what the command line returns
    ├── InputError           what was given cannot be used (exit 2)
    │   ├── PictureError     the picture: missing, broken, too large
    │   ├── FaceError        no usable face in the picture
    │   ├── AudioError       the recording: missing, broken, empty
    │   ├── TextError        the text: empty, too long
    │   ├── OptionError      an option's value, or options that exclude each other
    │   └── OutputError      the output: unwritable, exists already, unknown suffix
    ├── MissingExtraError    an optional package is not installed (exit 2)
    └── RenderError          the work itself failed (exit 1)
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


class OptionError(InputError):
    """An option has a value that cannot be used, or options exclude each other."""


class OutputError(InputError):
    """The output cannot be written where it was asked for."""


class MissingExtraError(LipsmithError):
    """An optional part is not installed; the message says what to type."""

    exit_code = 2

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(f"{what} needs an extra: pip install 'lipsmith[{extra}]'")
        self.extra = extra


class RenderError(LipsmithError):
    """The work started and failed."""


class DiskFullError(RenderError):
    """The disk had no room for the output; nothing half-written was left."""
