from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.costs.device import check_device, check_same, cpu_in, this_device
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from tests.helpers.made_up import made_up_table

TABLE = made_up_table(load_space("small"))


def test_this_device_is_named() -> None:
    device = this_device(3)
    assert device.cpu and device.threads == 3
    check_device(TABLE)
    check_same(TABLE, this_device(1), Path("latency.json"))


def test_processors_are_told_apart_by_name_or_by_the_numbers_of_their_cores() -> None:
    assert cpu_in("processor : 0\nmodel name : AMD EPYC\n\nmodel name : AMD EPYC\n") == "AMD EPYC"
    graviton = _arm("0x41", "0xd40")
    assert cpu_in(graviton + graviton) == "ARM 0x41 0xd40 0x1 1"
    assert cpu_in(graviton + _arm("0x41", "0xd05")) == "ARM 0x41 0xd05 0x1 1 + ARM 0x41 0xd40 0x1 1"
    assert cpu_in(graviton + "\nModel : Raspberry Pi 5\n") == "Raspberry Pi 5"
    assert cpu_in("processor : 0\n") == ""


def _arm(implementer: str, part: str) -> str:
    return (
        f"processor : 0\nCPU implementer : {implementer}\nCPU architecture: 8\nCPU variant : 0x1\n"
        f"CPU part : {part}\nCPU revision : 1\n\n"
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cpu": "Abacus"}, r"another processor: 'Abacus', and here it is '.+'\. Measure here"),
        ({"tensorflow": "1.0"}, r"another TensorFlow: '1.0', and here it is '2"),
        ({"keras": "2.0"}, r"another Keras: '2.0'.*--set ladder.latency_device=other"),
    ],
)
def test_a_table_of_another_device_is_refused(change: dict[str, str], message: str) -> None:
    device = TABLE.device.model_copy(update=change)
    with pytest.raises(ScaleNetError, match=message):
        check_device(TABLE.model_copy(update={"device": device}))


def test_times_of_two_settings_are_not_mixed(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ScaleNetError, match=r"'latency.json' was started with another number of threads: 1"):
        check_same(TABLE, this_device(2), Path("latency.json"))
    onednn = TABLE.device.onednn
    monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0" if onednn else "1")
    with pytest.raises(
        ScaleNetError, match=rf"another oneDNN setting .*: {onednn}, and here it is {not onednn}"
    ):
        check_same(TABLE, this_device(1), Path("latency.json"))
    check_device(TABLE)  # It says what is predicted, not how this process computes.
