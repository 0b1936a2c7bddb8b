"""Checkpoints of the official layout with random weights, in the official files' forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from published import generate

TINY = 1 / 16


def random_generator(width: float = TINY, seed: int = 0) -> Any:
    """A generator whose numbers stay in a sensible range through all of its layers."""
    import torch
    from torch import nn

    from lipsmith.engines.wav2lip.generator import Generator

    torch.manual_seed(seed)
    net = Generator(width)
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.kaiming_normal_(module.weight)
    net.train()
    with torch.no_grad():
        for _ in range(2):  # fills the statistics of the batch normalisations
            net(8 * torch.rand(4, 1, 80, 16) - 4, torch.rand(4, 6, 96, 96))
    return net.eval()


def save_legacy(net: Any, path: Path) -> Path:
    """As the authors' training wrote it, with torch 1.1 on several GPUs."""
    import torch

    state = {f"module.{name}": tensor for name, tensor in net.state_dict().items()}
    optimizer = {"state": {0: {"step": 1}}, "param_groups": [{"lr": 1e-4, "params": [0]}]}
    saved = {"state_dict": state, "optimizer": optimizer, "global_step": 1, "global_epoch": 1}
    torch.save(saved, path, _use_new_zipfile_serialization=False)
    return path


def save_script(net: Any, path: Path) -> Path:
    """As the files that the authors' links lead to today."""
    import torch

    example = torch.zeros(1, 1, 80, 16), torch.zeros(1, 6, 96, 96)
    torch.jit.trace(net, example).save(str(path))
    return path


def save_safetensors(net: Any, path: Path) -> Path:
    from safetensors.torch import save_file

    save_file(net.state_dict(), path)
    return path


def save_onnx(net: Any, path: Path, *, batch: int | None = None) -> Path:
    """As others export it: the inputs in either order, with names of their own."""
    import torch
    from torch import nn

    class Swapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, faces: Any, mel: Any) -> Any:
            return self.net(mel, faces)

    count = batch or 2
    example = torch.zeros(count, 6, 96, 96), torch.zeros(count, 1, 80, 16)
    names = ["video_frames", "mel_spectrogram"]
    axes = None if batch else {name: {0: "batch_size"} for name in [*names, "predicted"]}
    torch.onnx.export(
        Swapped().eval(),
        example,
        str(path),
        input_names=names,
        output_names=["predicted"],
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    return path


def published_output(net: Any, mel: Any, faces: Any) -> Any:
    """What the published network makes of numpy inputs with these weights, as numpy."""
    import torch

    with torch.no_grad():
        weights = {name: tensor.float() for name, tensor in net.state_dict().items()}
        return generate(weights, torch.from_numpy(mel), torch.from_numpy(faces)).numpy()
