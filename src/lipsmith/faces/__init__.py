"""A picture becomes a portrait: faces are found, measured and cut out."""

from lipsmith.faces.annotation import annotate
from lipsmith.faces.portrait import find_faces, make_portrait

__all__ = ["annotate", "find_faces", "make_portrait"]
