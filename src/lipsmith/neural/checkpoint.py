"""Official files of weights, read safely and compared strictly with the model they are for.

    tensors = read_state_dict(path)                      # names without wrappers and "module."
    module = load_weights(Gfpgan(), path, "GFPGAN 1.4")  # the same, put into a module, in eval mode

Read are: what `torch.save` wrote (with torch's weights-only unpickler, which refuses everything
but tensors and plain containers), TorchScript files (only their tensors, see `torchscript`), and
safetensors. A dictionary that wraps the tensors (`state_dict`, `params_ema`, `params`, ...) and the
prefix `module.` are taken off; optimizer state is dropped. Nothing in a file is ever run.
"""

from __future__ import annotations

import pickle
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from lipsmith.errors import CheckpointError, MissingExtraError
from lipsmith.neural.device import EXTRA, require_torch

if TYPE_CHECKING:
    import torch
    from torch import nn

    Module = TypeVar("Module", bound=nn.Module)

WRAPPERS = ("params_ema", "state_dict", "params", "g_ema", "model_state_dict", "model", "generator")
"""Keys under which tools keep the tensors, the one to prefer first."""

_PREFIX = "module."
_SHOWN = 3
_AGAIN = "get it again: `lipsmith models verify` tells whether a file is whole"


def read_state_dict(
    path: Path, *, wrappers: Sequence[str] = WRAPPERS, part: str = ""
) -> dict[str, torch.Tensor]:
    """The tensors of a file by their names, on the CPU, as they were saved.

    wrappers: keys to look under when the tensors are not at the top. part: of a file with several
    networks, the start of the names to keep, taken off ("generator.").

    Raises:
        CheckpointError: there is no such file, it is damaged, holds more than weights, or is
            something else; the message says what it looks like and what to do.
        MissingExtraError: torch is not installed.
    """
    require_torch(f"reading {path.name}")
    tensors = _tensors(_read(path), path, wrappers)
    if part:
        kept = {k.removeprefix(part): t for k, t in tensors.items() if k.startswith(part)}
        if not kept:
            raise CheckpointError(f"{path} has no weights whose names start with {part!r}")
        return kept
    return tensors


def load_weights(
    module: Module,
    path: Path,
    model: str,
    *,
    wrappers: Sequence[str] = WRAPPERS,
    part: str = "",
    rename: Callable[[str], str | None] | None = None,
) -> Module:
    """Put the weights of a file into a module, which is returned in eval mode, on the CPU, in fp32.

    Each parameter and buffer of the module has to be in the file with its shape, and nothing else.
    module: may be made on the device "meta", which saves the time of filling it with random
    numbers. model: what the file should hold, for messages. rename: from a name in the file to the
    module's; None drops it.

    Raises:
        CheckpointError: as `read_state_dict`, or its layout is another one.
    """
    tensors = read_state_dict(path, wrappers=wrappers, part=part)
    import torch

    if rename is not None:
        tensors = {name: t for old, t in tensors.items() if (name := rename(old)) is not None}
    expected = module.state_dict()
    check_layout(tensors, {name: tuple(t.shape) for name, t in expected.items()}, path, model)
    for name, tensor in expected.items():
        weights = tensors[name] if name in tensors else torch.zeros(tensor.shape)
        tensors[name] = weights.to(tensor.dtype)
    module.load_state_dict(tensors, assign=True)
    module.requires_grad_(False).eval()
    return module


def check_layout(
    tensors: Mapping[str, torch.Tensor],
    expected: Mapping[str, tuple[int, ...]],
    path: Path,
    model: str,
) -> None:
    """Compare names and shapes with those of a model.

    Raises:
        CheckpointError: they differ; the message shows the first differences.
    """
    missing = [name for name in expected if name not in tensors and not _is_counter(name)]
    extra = [name for name in tensors if name not in expected]
    wrong = [
        f"{name} is {_shape(tensors[name].shape)} instead of {_shape(shape)}"
        for name, shape in expected.items()
        if name in tensors and tuple(tensors[name].shape) != shape
    ]
    if not (missing or extra or wrong):
        return
    told = [_first(wrong, "")] if wrong else []
    told += [f"{_first(missing, 'not there: ')}"] if missing else []
    told += [f"{_first(extra, 'unknown: ')}"] if extra else []
    matched = len(expected) - len(missing) - len(wrong)
    raise CheckpointError(
        f"{path} is not {model}: of its {len(tensors)} tensors {matched} fit the {len(expected)} "
        f"of {model}; {'; '.join(told)}. Give a checkpoint of {model}"
    )


def _read(path: Path) -> Any:
    import torch

    try:
        with path.open("rb") as file:
            start = file.read(512)
        _refuse_other_files(path, start)
        if start[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(path) as archive:
                from lipsmith.neural.torchscript import is_torchscript, read_torchscript

                program = is_torchscript(archive)
            if program:
                return read_torchscript(path)
        elif _is_safetensors(start):
            from safetensors.torch import load_file

            return load_file(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old pickles, which are read or refused
            return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise CheckpointError(f"there is no file {path}") from error
    except pickle.UnpicklingError as error:
        if "truncated" in str(error) or "ran out" in str(error).lower():
            raise CheckpointError(f"{path} is cut short; {_AGAIN}") from error
        raise CheckpointError(
            f"{path} holds more than weights, and such a file could run anything on this machine, "
            f"so it was not read ({_reason(error)}); get the official one"
        ) from error
    except ImportError as error:
        raise MissingExtraError(f"reading {path.name}", EXTRA) from error
    except (CheckpointError, MemoryError):
        raise
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # torch and safetensors raise many kinds for damaged files
        raise CheckpointError(
            f"{path} is damaged or cut short ({_reason(error)}); {_AGAIN}"
        ) from error


def _tensors(read: Any, path: Path, wrappers: Sequence[str]) -> dict[str, torch.Tensor]:
    import torch

    if not isinstance(read, Mapping):
        raise CheckpointError(f"{path} holds one {type(read).__name__} instead of named weights")
    if not any(isinstance(value, torch.Tensor) for value in read.values()):
        inside = next((read[key] for key in wrappers if isinstance(read.get(key), Mapping)), None)
        if inside is None:
            keys = ", ".join(str(key) for key in list(read)[:_SHOWN])
            raise CheckpointError(
                f"{path} holds no weights under {' or '.join(wrappers)}, only: {keys or 'nothing'}"
            )
        read = inside
    tensors = {str(k): value for k, value in read.items() if isinstance(value, torch.Tensor)}
    if tensors and all(name.startswith(_PREFIX) for name in tensors):
        tensors = {name.removeprefix(_PREFIX): value for name, value in tensors.items()}
    if not tensors:
        raise CheckpointError(f"{path} holds no weights")
    return tensors


def _refuse_other_files(path: Path, start: bytes) -> None:
    """Name what people download by mistake."""
    text = start.lstrip().lower()
    if not start:
        raise CheckpointError(f"{path} is empty; {_AGAIN}")
    if text.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise CheckpointError(
            f"{path} is a web page instead of weights: its link leads to a page on which the "
            "download has to be confirmed; open it in a browser, or use `lipsmith models pull`"
        )
    if text.startswith(b"version https://git-lfs"):
        raise CheckpointError(
            f"{path} only points at the weights (Git LFS); get them with `git lfs pull`, or use "
            "`lipsmith models pull`"
        )
    if is_onnx(path):
        raise CheckpointError(f"{path} is an ONNX graph, and a checkpoint of torch is needed here")


def is_onnx(path: Path) -> bool:
    """Whether a file is an ONNX graph: by its suffix, or by the field that starts each of them."""
    if path.suffix.lower() == ".onnx":
        return True
    with path.open("rb") as file:  # field 1, ir_version, then field 2, producer_name (onnx.proto)
        start = file.read(3)
    return len(start) == 3 and start[0] == 0x08 and start[1] < 32 and start[2] == 0x12


def _is_safetensors(start: bytes) -> bool:
    size = int.from_bytes(start[:8], "little")
    return 2 <= size < 2**32 and start[8:9] == b"{"


def _is_counter(name: str) -> bool:
    """Batch normalisation counts its batches, which only training needs."""
    return name.endswith("num_batches_tracked")


def _shape(shape: Sequence[int]) -> str:
    return "x".join(str(side) for side in shape) or "one number"


def _first(told: list[str], before: str) -> str:
    more = len(told) - _SHOWN
    return before + ", ".join(told[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _reason(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:160]
