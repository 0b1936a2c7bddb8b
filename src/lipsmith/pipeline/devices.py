"""Whether a render has something to do for a GPU."""

from __future__ import annotations

from lipsmith.core.request import RenderRequest
from lipsmith.errors import LipsmithError
from lipsmith.registry import EngineKind, find_engine, load_engine


def can_use_gpu(request: RenderRequest) -> bool:
    """Whether anything that draws this can run on another device than the CPU.

    What is not installed on this machine counts as not able to.
    """
    drawing = {
        EngineKind.LIPSYNC: request.engine,
        EngineKind.RESTORE: request.finishing.restore,
        EngineKind.UPSCALE: request.finishing.upscale,
    }
    return any(name is not None and _runs_on_gpu(kind, name) for kind, name in drawing.items())


def _runs_on_gpu(kind: EngineKind, name: str) -> bool:
    try:
        devices = load_engine(find_engine(kind, name)).capabilities.devices
    except LipsmithError:
        return False
    return any(device != "cpu" for device in devices)
