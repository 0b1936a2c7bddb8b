"""How an engine is to do its work, for those that leave a choice."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from lipsmith.core.resources import Resources


class Length(StrEnum):
    """How long a dubbed video is, and what is seen when the sound outlasts it.

    AUDIO: as the sound, going back and forth when the video is shorter. VIDEO: as the video.
    LOOP, BOUNCE, HOLD: as the sound; the video starts again, goes back and forth, or stands still.
    """

    AUDIO = "audio"
    VIDEO = "video"
    LOOP = "loop"
    BOUNCE = "bounce"
    HOLD = "hold"


class Precision(StrEnum):
    """Of a network's numbers. AUTO: fp16 on GPUs, fp32 elsewhere."""

    AUTO = "auto"
    FP32 = "fp32"
    FP16 = "fp16"
    BF16 = "bf16"


class Runtime(StrEnum):
    """What runs a network. AUTO: the fastest that is installed and gives the same numbers."""

    AUTO = "auto"
    TORCH = "torch"
    ONNX = "onnx"
    OPENVINO = "openvino"


@dataclass(frozen=True, slots=True)
class CropOptions:
    """How the face is cut out for engines that work on a crop of it.

    pads_px: added to the detected box, top, bottom, left, right; in pixels of the video, negative
    cuts. box: left, top, right, bottom in px of the source as it is turned, cropped and shrunk
    first: the face in it is meant, and has it as its `Face.box`. smooth: boxes are means
    over time. static: the first box is taken for every frame. detector: "builtin" or "s3fd".
    detector_batch: pictures at once, None as many as fit.
    """

    pads_px: tuple[int, int, int, int] = (0, 10, 0, 0)
    box: tuple[int, int, int, int] | None = None
    smooth: bool = True
    static: bool = False
    detector: str = "builtin"
    detector_batch: int | None = None


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """Everything that an engine may be told before it loads.

    device: "auto", "cpu", "cuda", "cuda:1", "mps". batch_size: frames at once, None as many as
    memory allows. weights: a checkpoint of one's own instead of the catalogue's.
    """

    device: str = "auto"
    precision: Precision = Precision.AUTO
    runtime: Runtime = Runtime.AUTO
    batch_size: int | None = None
    weights: Path | None = None
    crop: CropOptions = CropOptions()
    resources: Resources = field(default_factory=Resources)


class FinishingOrder(StrEnum):
    """What comes first where a video is both restored and upscaled.

    RESTORE_FIRST restores fewer pixels; UPSCALE_FIRST hands the restorer a larger face.
    """

    RESTORE_FIRST = "restore-first"
    UPSCALE_FIRST = "upscale-first"


@dataclass(frozen=True, slots=True)
class FinishingOptions:
    """What is done to the frames after an engine made them.

    restore: what restores the face, "gfpgan", "codeformer" or "restoreformer"; None leaves it.
    restore_strength: 0..1, 0 leaves the face as it is. restore_weights: a checkpoint of one's own.
    upscale: what enlarges the frames, "realesrgan", "lanczos" or "bicubic"; None leaves them.
    upscale_factor: 2 or 4; None for what the size asked for needs, and for 2 where none is asked.
    upscale_weights: a checkpoint of one's own. stabilize: the camera of a video is steadied first.
    """

    restore: str | None = None
    restore_strength: float = 1.0
    restore_weights: Path | None = None
    upscale: str | None = None
    upscale_factor: int | None = None
    upscale_weights: Path | None = None
    order: FinishingOrder = FinishingOrder.RESTORE_FIRST
    stabilize: bool = False
