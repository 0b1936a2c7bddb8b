"""One portrait and some words in, a talking video out.

import lipsmith
lipsmith.render("face.jpg", text="Hello", out="hello.mp4")
"""

from lipsmith.api import list_engines, list_voices, render, stream
from lipsmith.core.request import Progress, RenderReport
from lipsmith.errors import LipsmithError

__version__ = "0.1.0"

__all__ = [
    "LipsmithError",
    "Progress",
    "RenderReport",
    "list_engines",
    "list_voices",
    "render",
    "stream",
]
