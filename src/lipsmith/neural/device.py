"""Where a network runs, how precisely, and how much of it at once."""

from __future__ import annotations

import os
import platform
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lipsmith.core.options import Precision
from lipsmith.errors import MissingExtraError, OptionError

if TYPE_CHECKING:
    import torch

EXTRA = "neural"
_SHARE_OF_FREE = 0.5
_UNKNOWN_FREE_BYTES = 2_000_000_000
_GPU_SIGNS = ("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/dev/kfd")
"""Drivers of NVIDIA, of any GPU under WSL, and of AMD."""


@dataclass(frozen=True, slots=True)
class Device:
    """Where and how a network runs.

    name: as torch calls it: "cpu", "cuda:0", "mps". precision: never AUTO.
    """

    name: str
    precision: Precision

    @property
    def kind(self) -> str:
        """ "cpu", "cuda" or "mps"."""
        return self.name.partition(":")[0]

    @property
    def torch_dtype(self) -> torch.dtype:
        """The type of weights and activations."""
        import torch

        types = {Precision.FP16: torch.float16, Precision.BF16: torch.bfloat16}
        return types.get(self.precision, torch.float32)


def choose_device(name: str = "auto", precision: Precision = Precision.AUTO) -> Device:
    """The device asked for; "auto" is the first CUDA GPU, else Apple's, else the CPU.

    Raises:
        OptionError: there is no such device here, or it cannot compute with that precision.
        MissingExtraError: torch, which a GPU needs, is not installed.
    """
    asked = name.strip().lower()
    kind, _, number = asked.partition(":")
    if kind not in ("auto", "cpu", "cuda", "mps") or (number and not number.isdecimal()):
        raise OptionError(f"there is no device {name!r}; there are: auto, cpu, cuda, cuda:N, mps")
    if asked == "auto":
        found = _best() if may_have_gpu() else "cpu"
    elif kind == "cuda":
        found = _cuda(int(number or 0))
    elif kind == "mps":
        found = _mps()
    else:
        found = "cpu"
    return Device(found, _choose_precision(found, precision))


def may_have_gpu() -> bool:
    """Whether asking torch, which takes a second to import, could bring anything but the CPU."""
    if "torch" in sys.modules:
        return True
    from importlib.util import find_spec

    if find_spec("torch") is None:
        return False
    if sys.platform.startswith("linux"):
        return any(Path(sign).exists() for sign in _GPU_SIGNS)
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    return True


def count_gpus() -> int:
    """How many GPUs networks can run on here; imports torch where there may be one."""
    if not may_have_gpu():
        return 0
    import torch

    if torch.cuda.is_available():
        return int(torch.cuda.device_count())
    return int(torch.backends.mps.is_available())


def fitting_batch(device: Device, item_bytes: int, most: int, asked: int | None = None) -> int:
    """How many items to run at once: as asked, else as many as half of the free memory holds.

    item_bytes: that one item takes at the worst moment, in fp32. most: where more gains nothing.

    Raises:
        OptionError: less than one was asked for.
    """
    if asked is not None:
        if asked < 1:
            raise OptionError(f"a batch of {asked} is impossible; it has at least 1")
        return asked
    if device.precision is not Precision.FP32:
        item_bytes = item_bytes // 2
    room = _free_bytes(device) * _SHARE_OF_FREE
    return max(1, min(most, int(room // max(1, item_bytes))))


def require_torch(what: str) -> None:
    """
    Raises:
        MissingExtraError: torch is not installed; `what` needs it.
    """
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise MissingExtraError(what, EXTRA)


def _best() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda:0"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _cuda(number: int) -> str:
    require_torch("the device 'cuda'")
    import torch

    if not torch.cuda.is_available():
        built = torch.version.cuda or torch.version.hip
        why = (
            "no GPU with a working driver is found (`nvidia-smi` shows what the driver sees)"
            if built
            else "the torch that is installed is for the CPU; https://pytorch.org/get-started "
            "says how to install the one for CUDA"
        )
        raise OptionError(f"the device 'cuda' cannot be used: {why}; --device cpu always can")
    count = torch.cuda.device_count()
    if number >= count:
        have = ", ".join(f"cuda:{each}" for each in range(count))
        raise OptionError(f"there is no device 'cuda:{number}'; there are: cpu, {have}")
    return f"cuda:{number}"


def _mps() -> str:
    require_torch("the device 'mps'")
    import torch

    if not torch.backends.mps.is_available():
        raise OptionError(
            "the device 'mps' is the GPU of Macs with Apple's own processors, and here is none; "
            "--device cpu always can be used"
        )
    return "mps"


def _choose_precision(device: str, asked: Precision) -> Precision:
    if asked is Precision.AUTO:
        return Precision.FP32 if device == "cpu" else Precision.FP16
    if device == "cpu" and asked is Precision.FP16:
        raise OptionError(
            "CPUs do not compute networks with the precision fp16; take bf16 (where the CPU has "
            "it) or fp32"
        )
    if asked is Precision.BF16 and not _has_bf16(device):
        what = "this CPU" if device == "cpu" else f"the device {device!r}"
        raise OptionError(f"{what} does not compute with the precision bf16; take fp32")
    return asked


def _has_bf16(device: str) -> bool:
    if device.startswith("cuda"):
        import torch

        return bool(torch.cuda.is_bf16_supported())
    return device == "cpu" and cpu_has_bf16()


def cpu_has_bf16() -> bool:
    """Whether bf16 is something that this CPU computes with, and is not only emulated."""
    if sys.platform.startswith("linux"):
        try:
            about = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        words = next(
            (line for line in about.splitlines() if line.startswith(("flags", "Feat"))), ""
        )
        return bool({"avx512_bf16", "amx_bf16", "bf16"} & set(words.split()))
    return False


def _free_bytes(device: Device) -> int:
    if device.kind == "cuda":
        import torch

        return int(torch.cuda.mem_get_info(device.name)[0])
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return _UNKNOWN_FREE_BYTES
