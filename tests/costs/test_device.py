from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.costs.device import check_device, check_same, this_device
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from tests.helpers.made_up import made_up_table

TABLE = made_up_table(load_space("small"))


def test_this_device_is_named() -> None:
    device = this_device(3)
    assert device.cpu and device.threads == 3
    check_device(TABLE)
    check_same(TABLE, this_device(1), Path("latency.json"))


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
