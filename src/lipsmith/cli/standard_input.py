"""What a pipe brings: `-` in the place of a file."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lipsmith.errors import LipsmithError, OptionError

_PIPE = Path("-")
_READABLE = {"picture": "PICTURE", "text_file": "--text-file", "audio": "--audio"}


@contextmanager
def read_standard_input(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The same arguments with a file in the place of `-`, which is there while the block runs.

    Raises:
        OptionError: two of them are `-`, or nobody would say where the video goes.
    """
    piped = [name for name in _READABLE if given[name] == _PIPE]
    if not piped:
        yield dict(given)
        return
    if len(piped) > 1:
        both = " and ".join(_READABLE[name] for name in piped)
        raise OptionError(f"{both} are both -, and standard input is only one file")
    if piped == ["picture"] and given["out"] is None:
        raise OptionError("the picture comes from standard input, so say where the video goes: -o")
    with tempfile.TemporaryDirectory(prefix="lipsmith-") as folder:
        file = Path(folder, "input")
        with file.open("wb") as copy:
            shutil.copyfileobj(sys.stdin.buffer, copy)
        try:
            yield {**given, piped[0]: file}
        except LipsmithError as error:
            error.args = (str(error).replace(str(file), "standard input"),)
            raise
