"""Official files of weights are read whatever their form; anything else gets a clear error."""

from __future__ import annotations

import io
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lipsmith.errors import CheckpointError

pytestmark = [pytest.mark.neural, pytest.mark.filterwarnings("ignore")]


def _net() -> Any:
    from torch import nn

    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(4, 3))


def _legacy(net: Any, path: Path) -> None:
    """As torch 1.1 saved a training run on several GPUs: no zip, prefixes, an optimizer."""
    import torch

    state = {f"module.{name}": tensor for name, tensor in net.state_dict().items()}
    optimizer = torch.optim.Adam(net.parameters()).state_dict()
    saved = {"state_dict": state, "optimizer": optimizer, "global_step": 7, "global_epoch": 2}
    torch.save(saved, path, _use_new_zipfile_serialization=False)


def _script(net: Any, path: Path) -> None:
    import torch

    torch.jit.script(net).save(str(path))


def _trace(net: Any, path: Path) -> None:
    import torch

    torch.jit.trace(net, torch.zeros(1, 1, 4, 6)).save(str(path))


def _safetensors(net: Any, path: Path) -> None:
    from safetensors.torch import save_file

    save_file(net.state_dict(), path)


def _wrapped(key: str) -> Callable[[Any, Path], None]:
    def save(net: Any, path: Path) -> None:
        import torch

        torch.save({key: net.state_dict(), "epoch": 1}, path)

    return save


def _flat(net: Any, path: Path) -> None:
    import torch

    torch.save(net.state_dict(), path)


FORMS = {
    "flat": _flat,
    "legacy": _legacy,
    "params": _wrapped("params"),
    "params_ema": _wrapped("params_ema"),
    "safetensors": _safetensors,
    "script": _script,
    "trace": _trace,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_weights(form: str, tmp_path: Path) -> None:
    import torch

    from lipsmith.neural.checkpoint import load_weights

    torch.manual_seed(3)
    net = _net().eval()
    net[1].running_mean.normal_()
    path = tmp_path / "net.pth"
    FORMS[form](net, path)
    with torch.device("meta"):
        empty = _net()
    loaded = load_weights(empty, path, "the net")
    assert not loaded.training
    for name, tensor in net.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], tensor), name


def test_halves_become_floats(tmp_path: Path) -> None:
    import torch

    from lipsmith.neural.checkpoint import load_weights

    path = tmp_path / "half.pth"
    torch.save({name: t.half() for name, t in _net().state_dict().items()}, path)
    assert load_weights(_net(), path, "the net")[0].weight.dtype is torch.float32


def test_one_part_of_a_file_can_be_read(tmp_path: Path) -> None:
    import torch

    from lipsmith.neural.checkpoint import load_weights, read_state_dict

    path = tmp_path / "all.pth"
    torch.save({f"generator.{n}": t for n, t in _net().state_dict().items()}, path)
    load_weights(_net(), path, "the net", part="generator.")
    with pytest.raises(CheckpointError, match="start with 'encoder"):
        read_state_dict(path, part="encoder.")


def test_another_layout_is_told_by_name_and_shape(tmp_path: Path) -> None:
    import torch
    from torch import nn

    from lipsmith.neural.checkpoint import load_weights

    path = tmp_path / "other.pth"
    torch.save(nn.Sequential(nn.Conv2d(1, 2, 5), nn.PReLU(2)).state_dict(), path)
    with pytest.raises(CheckpointError) as caught:
        load_weights(_net(), path, "the net")
    message = str(caught.value)
    assert str(path) in message and "is not the net" in message
    assert "0.weight is 2x1x5x5 instead of 2x1x3x3" in message
    assert "not there: 1.bias" in message
    net = _net()
    extra = {**net.state_dict(), "head.weight": torch.zeros(1)}
    torch.save(extra, path)
    with pytest.raises(CheckpointError, match=r"unknown: head\.weight"):
        load_weights(net, path, "the net")


class _Evil:
    """Unpickled freely, it makes a file."""

    def __init__(self, victim: Path) -> None:
        self.victim = victim

    def __reduce__(self) -> Any:
        return (Path.touch, (self.victim,))


@pytest.mark.parametrize("old", [True, False])
def test_a_malicious_pickle_runs_nothing(tmp_path: Path, old: bool) -> None:
    import torch

    from lipsmith.neural.checkpoint import read_state_dict

    path, victim = tmp_path / "evil.pth", tmp_path / "victim"
    saved = {"state_dict": {"weight": torch.zeros(2)}, "extra": _Evil(victim)}
    torch.save(saved, path, _use_new_zipfile_serialization=not old)
    with pytest.raises(CheckpointError, match="could run anything"):
        read_state_dict(path)
    assert not victim.exists()


def test_a_plain_malicious_pickle_runs_nothing(tmp_path: Path) -> None:
    from lipsmith.neural.checkpoint import read_state_dict

    path, victim = tmp_path / "evil.pkl", tmp_path / "victim"
    path.write_bytes(pickle.dumps(_Evil(victim)))
    with pytest.raises(CheckpointError, match=str(path)):
        read_state_dict(path)
    assert not victim.exists()


def test_malice_in_a_torchscript_file_runs_nothing(tmp_path: Path) -> None:
    from lipsmith.neural.checkpoint import read_state_dict

    path, victim = tmp_path / "evil.pt", tmp_path / "victim"
    whole = tmp_path / "whole.pt"
    _script(_net(), whole)
    with zipfile.ZipFile(whole) as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            data = good.read(name)
            if name.endswith("/data.pkl"):
                data = pickle.dumps({"weight": _Evil(victim)})
            bad.writestr(name, data)
    with pytest.raises(CheckpointError, match="could run anything"):
        read_state_dict(path)
    assert not victim.exists()


def test_the_program_of_a_torchscript_file_is_not_even_compiled(tmp_path: Path) -> None:
    from lipsmith.neural.checkpoint import read_state_dict

    whole, path = tmp_path / "whole.pt", tmp_path / "broken-program.pt"
    net = _net()
    _script(net, whole)
    with zipfile.ZipFile(whole) as good, zipfile.ZipFile(path, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, b"no program" if name.endswith(".py") else good.read(name))
    assert set(read_state_dict(path)) == set(net.state_dict())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_file_that_is_cut_short_says_so(form: str, share: float, tmp_path: Path) -> None:
    from lipsmith.neural.checkpoint import read_state_dict

    path = tmp_path / "cut.pth"
    FORMS[form](_net(), path)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(CheckpointError, match="cut short") as caught:
        read_state_dict(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<!DOCTYPE html><html>Google Drive can't scan this file</html>", "a web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:12\n", "Git LFS"),
        (b"", "is empty"),
        (b"\x08\x08\x12\x07pytorch\x1a", "an ONNX graph"),
        (b"RIFF\0\0\0\0WAVEfmt ", "damaged|more than weights"),
    ],
)
def test_what_people_give_by_mistake_is_named(content: bytes, told: str, tmp_path: Path) -> None:
    from lipsmith.neural.checkpoint import read_state_dict

    path = tmp_path / "model.pth"
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=told):
        read_state_dict(path)
    with pytest.raises(CheckpointError, match="there is no file"):
        read_state_dict(tmp_path / "nothing.pth")


def test_a_file_without_weights_says_what_it_has(tmp_path: Path) -> None:
    import torch

    from lipsmith.neural.checkpoint import read_state_dict

    path = tmp_path / "optimizer.pth"
    torch.save({"optimizer": {"lr": 1.0}, "epoch": 3}, path)
    with pytest.raises(CheckpointError, match="only: optimizer, epoch"):
        read_state_dict(path)
    buffer = io.BytesIO()
    torch.save(torch.zeros(3), buffer)
    path.write_bytes(buffer.getvalue())
    with pytest.raises(CheckpointError, match="one Tensor instead of named weights"):
        read_state_dict(path)
