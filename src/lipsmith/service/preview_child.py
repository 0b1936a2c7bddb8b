"""What the page shows before a render, made in a process of its own that stays warm.

An adapter for `lipsmith.environments.worker`. Files come and go as names of artefacts; each
method gives one result, or {"failed": {"kind": …, "message": …}}, kind the name of an error's
class.
"""

from __future__ import annotations

import functools
import wave
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lipsmith.errors import LipsmithError
from lipsmith.jobs.child import without_paths
from lipsmith.pipeline.cache import Latest
from lipsmith.storage.artifacts import ArtifactStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lipsmith.core.image import Picture
    from lipsmith.environments.worker import Call
    from lipsmith.pipeline.preview import SaidBefore

    Made = dict[str, Any]
    Method = Callable[["Adapter", Call], Made]

_KEPT_FILES = 32
_KEPT_PICTURES = 1
_JPEG_QUALITY = 92
_FULL_SCALE = 32767.0


def _told(method: Method) -> Callable[[Adapter, Call], Iterator[Made]]:
    """A method whose errors are results, in words that clients may read."""

    @functools.wraps(method)
    def tell(self: Adapter, call: Call) -> Iterator[Made]:
        self.called = {}
        try:
            yield method(self, call)
        except LipsmithError as error:
            message = without_paths(str(error), self.called)
            yield {"failed": {"kind": type(error).__name__, "message": message}}

    return tell


class Adapter:
    """Answers one call after the other; see the functions of `lipsmith.service.previews`."""

    def __init__(self) -> None:
        self._folder = Path()
        self._store: ArtifactStore | None = None
        self._files: OrderedDict[str, Path] = OrderedDict()
        self._pictures: Latest[str, Picture] = Latest(_KEPT_PICTURES)
        self._said: SaidBefore | None = None
        self.called: dict[str, str] = {}

    @_told
    def open(self, call: Call) -> Made:
        """Where the artefacts are, store, a URL; and a folder for those that are in use."""
        self._folder = Path(call.values["folder"])
        self._store = ArtifactStore(call.values["store"])
        return {}

    @_told
    def warm_up(self, call: Call) -> Made:
        """Load what most calls need."""
        import numpy as np

        from lipsmith.core.image import Picture
        from lipsmith.pipeline import portable, preview, seeing

        seeing.see_picture(Picture(np.zeros((64, 64, 3), np.uint8), "nothing"))
        return {"ready": [portable.__name__, preview.__name__]}

    @_told
    def picture(self, call: Call) -> Made:
        """The picture as browsers show it, its longer side at most side, 0 is as it is."""
        import io

        from PIL import Image

        picture = self._picture(call.values["file"])
        image = Image.fromarray(picture.pixels)
        side = call.values["side"]
        if side and side < max(image.size):
            image.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=2.0)
        data = io.BytesIO()
        image.save(data, "JPEG", quality=_JPEG_QUALITY)
        return {"files": {"picture": self._put(data.getvalue(), ".jpg")}}

    @_told
    def faces(self, call: Call) -> Made:
        """Who is in the picture or the video."""
        from lipsmith.media.footage import is_video
        from lipsmith.pipeline.seeing import Complaint, see_picture, see_video

        def told(complaint: Complaint | None) -> dict[str, str] | None:
            if complaint is None:
                return None
            return {"code": complaint.code, "detail": complaint.detail}

        path = self._fetch(call.values["file"], "portrait")
        video = is_video(path)
        seen = see_video(path) if video else see_picture(self._picture(call.values["file"]))
        faces = []
        for each in seen.faces:
            face, box = each.face, each.face.box
            faces.append(
                {
                    "number": each.number,
                    "box": [round(v, 1) for v in (box.left, box.top, box.width, box.height)],
                    "yaw_deg": round(face.yaw_deg, 1),
                    "pitch_deg": round(face.pitch_deg, 1),
                    "roll_deg": round(face.roll_deg, 1),
                    "problem": told(each.complaint),
                    "warnings": list(face.warnings),
                }
            )
        return {
            "files": {},
            "seen": {
                "width": seen.width,
                "height": seen.height,
                "is_video": video,
                "faces": faces,
                "problem": told(seen.complaint),
            },
        }

    @_told
    def rig(self, call: Call) -> Made:
        """The rig of face in file for browsers, its longest side at most side."""
        from lipsmith.pipeline.portable import portable_rig

        picture = self._picture(call.values["file"])
        packed = portable_rig(picture, call.values["face"], call.values["side"])
        return {"files": {"rig": self._put(packed, ".rig")}}

    @_told
    def export(self, call: Call) -> Made:
        """The face as glTF."""
        from lipsmith.pipeline.portable import face_model

        picture = self._picture(call.values["file"])
        model = face_model(picture, call.values["face"], call.values["side"])
        return {"files": {"export": self._put(model, ".glb")}}

    @_told
    def track(self, call: Call) -> Made:
        """What a render would say and do: options as `RenderOptions`, files by option."""
        from lipsmith.pipeline.preview import COLUMNS, SaidBefore, make_preview
        from lipsmith.requests import make_request

        files = {
            option: str(self._fetch(name, option)) for option, name in call.values["files"].items()
        }
        self._said = self._said or SaidBefore()
        options: dict[str, Any] = call.values["options"] | files
        request = make_request(Path("portrait"), **options)
        preview = make_preview(request, self._said)
        return {
            "files": {
                "poses": self._put(preview.poses.astype("<f4").tobytes(), ".f32"),
                "sound": self._put(_wav(preview.samples, preview.rate_hz), ".wav"),
            },
            "fps": [preview.fps.numerator, preview.fps.denominator],
            "frames": len(preview.poses),
            "duration_s": round(preview.duration_s, 6),
            "columns": list(COLUMNS),
            "words": [
                {"text": w.text, "start_s": round(w.start_s, 4), "end_s": round(w.end_s, 4)}
                for w in preview.words
            ],
            "marks": [{"name": m.name, "time_s": round(m.time_s, 4)} for m in preview.marks],
            "voice": preview.voice,
            "warnings": [without_paths(each, self.called) for each in preview.warnings],
        }

    def _picture(self, name: str) -> Picture:
        from lipsmith.pipeline.seeing import opening_of

        path = self._fetch(name, "portrait")
        return self._pictures.get(name, lambda: opening_of(path))

    def _fetch(self, name: str, option: str) -> Path:
        """An artefact as a file; option: what clients know it as."""
        assert self._store is not None
        path = self._folder / Path(name).name
        if not path.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)  # a link whose artefact was pruned
            self._store.fetch(name, path)
        self._files[name] = path
        self._files.move_to_end(name)
        while len(self._files) > _KEPT_FILES:
            self._files.popitem(last=False)[1].unlink(missing_ok=True)
        self.called[option] = str(path)
        return path

    def _put(self, data: bytes, suffix: str) -> str:
        assert self._store is not None
        return self._store.put_bytes(data, suffix).name


def _wav(samples: NDArray[np.float32], rate_hz: int) -> bytes:
    import io

    import numpy as np

    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        whole = np.rint(np.clip(samples, -1.0, 1.0) * _FULL_SCALE).astype("<i2")
        file.writeframes(whole.tobytes())
    return data.getvalue()
