from __future__ import annotations

import pytest

pytest.importorskip("dbos", reason="pip install 'lipsmith[service]'")

from lipsmith.jobs.queues import CPU, GPU, Gpus, choose_queue

VISIBLE = "CUDA_VISIBLE_DEVICES"


@pytest.mark.parametrize(
    ("device", "can_use_gpu", "taken", "queue"),
    [
        ("auto", False, {CPU, GPU}, CPU),
        ("auto", True, {CPU, GPU}, GPU),
        ("auto", True, {CPU}, CPU),
        ("cpu", True, {CPU, GPU}, CPU),
        ("cuda:1", True, {CPU}, GPU),
        ("mps", False, set(), GPU),
    ],
)
def test_what_a_gpu_can_do_goes_to_one(
    device: str, can_use_gpu: bool, taken: set[str], queue: str
) -> None:
    assert choose_queue(device, can_use_gpu, taken) == queue


def test_work_is_spread_over_the_gpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VISIBLE, raising=False)
    gpus = Gpus(2)
    with gpus.environment(GPU) as first, gpus.environment(GPU) as second:
        assert {first[VISIBLE], second[VISIBLE]} == {"0", "1"}
    monkeypatch.setenv(VISIBLE, "3")
    with Gpus(1).environment(GPU) as only:
        assert only == {VISIBLE: "3"}


def test_work_for_the_cpu_sees_no_gpu() -> None:
    with Gpus(1).environment(CPU) as environment:
        assert environment == {VISIBLE: ""}
    with Gpus(0).environment(GPU) as environment:
        assert environment == {}
