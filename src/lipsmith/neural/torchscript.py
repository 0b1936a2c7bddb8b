"""The weights inside a TorchScript file.

Such a file is a program with its numbers: `torch.jit.load` compiles that program and runs parts
of it. Here only the numbers are read: the archive's `data.pkl` names the modules and points at
the files of their tensors, and no other name in it is ever looked up.
"""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

_TYPES = {
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "DoubleStorage": "float64",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
}
_BUILDERS = ("_rebuild_tensor_v2", "_rebuild_parameter")
_LISTS = ("build_intlist", "build_doublelist", "build_boollist", "build_tensorlist")


def is_torchscript(archive: zipfile.ZipFile) -> bool:
    """Whether a torch archive is a program and not only a pickle of tensors."""
    return any(name.partition("/")[2] == "constants.pkl" for name in archive.namelist())


def read_torchscript(path: Path) -> dict[str, torch.Tensor]:
    """Every tensor of the modules by its name, as `state_dict()` of the program would call it.

    Raises:
        pickle.UnpicklingError: it names anything but modules and tensors.
        OSError, zipfile.BadZipFile, KeyError, ValueError: it is damaged.
    """
    with zipfile.ZipFile(path) as archive:
        root = next(n for n in archive.namelist() if n.endswith("/data.pkl")).partition("/")[0]
        with archive.open(f"{root}/data.pkl") as file:
            module = _Reader(file, archive, root).load()
    found: dict[str, torch.Tensor] = {}
    _collect(module, "", found)
    return found


class _Module:
    """A module of the program: nothing but its attributes."""

    def __init__(self, *_: object) -> None:
        self.attributes: dict[str, Any] = {}

    def __setstate__(self, state: object) -> None:
        if not isinstance(state, dict):
            raise pickle.UnpicklingError("a module's state is no table")
        self.attributes = state


class _Reader(pickle.Unpickler):
    """Unpickles modules and tensors, and refuses every other name."""

    def __init__(self, file: Any, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(file)
        self._archive, self._root = archive, root
        self._storages: dict[str, torch.Tensor] = {}

    def find_class(self, module: str, name: str) -> Any:
        if module == "__torch__" or module.startswith("__torch__."):
            return _Module
        if module == "torch" and name in _TYPES:
            return _TYPES[name]
        if module == "torch._utils" and name in _BUILDERS:
            return _tensor if name == "_rebuild_tensor_v2" else _parameter
        if module == "torch.jit._pickle" and name in _LISTS:
            return list
        if (module, name) == ("torch.jit._pickle", "restore_type_tag"):
            return _parameter
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        raise pickle.UnpicklingError(f"it wants {module}.{name}, which no weights need")

    def persistent_load(self, pid: Any) -> torch.Tensor:
        import torch

        kind, dtype, key, _, count = pid
        if kind != "storage" or dtype not in _TYPES.values():
            raise pickle.UnpicklingError("it points at something that is no tensor")
        if key not in self._storages:
            data = self._archive.read(f"{self._root}/data/{key}")
            storage = torch.frombuffer(bytearray(data), dtype=getattr(torch, dtype))
            if len(storage) != count:
                raise ValueError(f"the tensor {key} has {len(storage)} numbers instead of {count}")
            self._storages[key] = storage
        return self._storages[key]


def _tensor(
    storage: torch.Tensor, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object
) -> torch.Tensor:
    return storage.as_strided(size, stride, offset)


def _parameter(data: torch.Tensor, *_: object) -> torch.Tensor:
    return data


def _collect(module: Any, prefix: str, found: dict[str, Any]) -> None:
    import torch

    for name, value in module.attributes.items() if isinstance(module, _Module) else ():
        if isinstance(value, torch.Tensor):
            found[prefix + name] = value
        else:
            _collect(value, f"{prefix}{name}.", found)
