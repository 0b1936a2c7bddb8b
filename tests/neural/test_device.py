"""The device is the one that was asked for, or an error that says which there are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lipsmith.core.options import Precision
from lipsmith.errors import OptionError
from lipsmith.neural.device import Device, choose_device, cpu_has_bf16, fitting_batch


def test_the_cpu_computes_in_fp32_unless_asked() -> None:
    assert choose_device("cpu") == Device("cpu", Precision.FP32)
    assert choose_device(" CPU ", Precision.FP32).kind == "cpu"


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "", "cpu cuda"])
def test_an_unknown_device_names_the_known_ones(name: str) -> None:
    with pytest.raises(OptionError, match="auto, cpu, cuda, cuda:N, mps"):
        choose_device(name)


@pytest.mark.neural
@pytest.mark.parametrize("name", ["cuda", "cuda:99", "mps"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    import torch

    if torch.cuda.is_available() if name == "cuda" else torch.backends.mps.is_available():
        pytest.skip("it is there")
    with pytest.raises(OptionError, match=name.partition(":")[0]):
        choose_device(name)


def test_half_precision_is_refused_on_cpus_that_only_emulate_it() -> None:
    with pytest.raises(OptionError, match="fp16"):
        choose_device("cpu", Precision.FP16)
    if cpu_has_bf16():
        assert choose_device("cpu", Precision.BF16).precision is Precision.BF16
    else:
        with pytest.raises(OptionError, match="bf16"):
            choose_device("cpu", Precision.BF16)


def test_the_batch_fits_into_memory() -> None:
    cpu = choose_device("cpu")
    assert fitting_batch(cpu, 1, most=16) == 16
    assert fitting_batch(cpu, 10**15, most=16) == 1
    assert fitting_batch(cpu, 10**15, most=16, asked=5) == 5
    with pytest.raises(OptionError, match="at least 1"):
        fitting_batch(cpu, 1, most=16, asked=0)


def test_the_cpu_is_chosen_without_importing_torch() -> None:
    code = (
        "import sys; from lipsmith.neural.device import choose_device; choose_device('cpu')\n"
        "import lipsmith.neural.network, lipsmith.engines.wav2lip.engine\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
