"""A request becomes files: the video and, when asked for, what the mouth does in it."""

from __future__ import annotations

from pathlib import Path

from lipsmith.core.request import Progress, RenderReport, RenderRequest
from lipsmith.core.subtitle import SubtitleKind
from lipsmith.errors import OptionError, OutputError
from lipsmith.media.output import check_output, check_writable
from lipsmith.media.video import VideoWriter
from lipsmith.pipeline.cache import RenderCache
from lipsmith.pipeline.cloning import CloneExtent, clone_notice
from lipsmith.pipeline.rendering import ProgressCallback, Rendering
from lipsmith.pipeline.scene import faces_of, path_for
from lipsmith.pipeline.stages import Exports

_COMMENT = "A synthetic video, made by Lipsmith from one picture"


def render_files(
    request: RenderRequest,
    video: Path,
    *,
    overwrite: bool = False,
    visemes: Path | None = None,
    blendshapes: Path | None = None,
    on_progress: ProgressCallback | None = None,
    cache: RenderCache | None = None,
) -> RenderReport:
    """Make the video; nothing half-written is left when that fails or is interrupted.

    video: .mp4, .webm or .gif. visemes, blendshapes: see `Exports`. cache: see `Rendering`.

    Raises:
        LipsmithError: what was asked for cannot be done, or could not be finished.
    """
    _check_not_a_source(request, video)
    check_output(video, overwrite=overwrite)
    subtitles = _subtitles(request, video)
    faces = faces_of(request)
    asides = [
        path_for(path, face, faces)
        for path in (visemes, blendshapes)
        if path is not None
        for face in faces
    ]
    asides += [] if subtitles is None else [subtitles]
    for path in asides:
        if request.subtitles is not SubtitleKind.BURN or path is not subtitles:
            check_writable(path, overwrite=overwrite)
    if len({path.resolve() for path in (video, *asides)}) <= len(asides):
        raise OptionError(
            "the video, the subtitles, the visemes and the blendshapes need files of their own"
        )
    exports = Exports(visemes, blendshapes, subtitles, overwrite)
    with Rendering(
        request, rgb=False, exports=exports, on_progress=on_progress, cache=cache
    ) as rendering:
        with VideoWriter(
            video,
            rendering.size,
            rendering.fps,
            rate_hz=rendering.rate_hz,
            channels=rendering.channels,
            overwrite=overwrite,
            metadata={"comment": video_comment(request, CloneExtent.WHOLLY)},
        ) as writer:
            for frame in rendering:
                writer.write(frame)
            writer.correct_comment(video_comment(request, rendering.cloned))
            if on_progress is not None:
                on_progress(Progress("finish", 1.0))
        return rendering.report(video, writer.warnings)


def _check_not_a_source(request: RenderRequest, video: Path) -> None:
    for source in (request.picture, request.audio):
        if isinstance(source, Path) and source.exists() and source.resolve() == video.resolve():
            raise OutputError(f"{video} is what the video is made from; choose another name")


def video_comment(request: RenderRequest, extent: CloneExtent) -> str:
    """What the video says about itself."""
    if request.clone is None or extent is CloneExtent.NOT:
        return _COMMENT
    return f"{_COMMENT}. {clone_notice(request.clone, extent, request.resources)}"


def _subtitles(request: RenderRequest, video: Path) -> Path | None:
    """Where the subtitles go that are not drawn, or cannot be."""
    if request.subtitles is SubtitleKind.NONE:
        return None
    suffix = SubtitleKind.VTT if request.subtitles is SubtitleKind.VTT else SubtitleKind.SRT
    return video.with_suffix(f".{suffix}")
