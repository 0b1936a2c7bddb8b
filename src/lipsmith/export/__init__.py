"""A portrait becomes a model for other programs: it joins the faces, the rig and the visemes."""

from lipsmith.export.model import to_glb

__all__ = ["to_glb"]
