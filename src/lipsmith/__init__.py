"""One portrait and some words in, a talking video out.

import lipsmith
lipsmith.render("face.jpg", text="Hello", out="hello.mp4")
"""

from importlib import import_module

TYPE_CHECKING = False  # as in `typing`, which takes longer to import than all of this
if TYPE_CHECKING:
    from lipsmith import errors
    from lipsmith.api import batch, export_gltf, list_engines, list_voices, render, stream
    from lipsmith.core.request import Progress, RenderReport
    from lipsmith.errors import LipsmithError
    from lipsmith.export.files import ModelReport
    from lipsmith.options import RenderOptions
    from lipsmith.pipeline.batch import BatchProgress, BatchReport

__version__ = "0.1.0"

__all__ = [
    "BatchProgress",
    "BatchReport",
    "LipsmithError",
    "ModelReport",
    "Progress",
    "RenderOptions",
    "RenderReport",
    "batch",
    "errors",
    "export_gltf",
    "list_engines",
    "list_voices",
    "render",
    "stream",
]

# Imported when they are asked for, so that the command answers Ctrl-C from its first moment on.
_HOMES = {
    "BatchProgress": "lipsmith.pipeline.batch",
    "BatchReport": "lipsmith.pipeline.batch",
    "LipsmithError": "lipsmith.errors",
    "ModelReport": "lipsmith.export.files",
    "Progress": "lipsmith.core.request",
    "RenderOptions": "lipsmith.options",
    "RenderReport": "lipsmith.core.request",
    "batch": "lipsmith.api",
    "export_gltf": "lipsmith.api",
    "list_engines": "lipsmith.api",
    "list_voices": "lipsmith.api",
    "render": "lipsmith.api",
    "stream": "lipsmith.api",
}


def __getattr__(name: str) -> object:
    if name == "errors":
        return import_module("lipsmith.errors")
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
