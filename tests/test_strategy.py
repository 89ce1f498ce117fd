from __future__ import annotations

import json

import pytest
import tensorflow as tf

from scalenet_tf import determinism
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.strategy import make_strategy


def cluster(monkeypatch: pytest.MonkeyPatch, **jobs: list[str]) -> None:
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": jobs, "task": {"type": "worker", "index": 0}}))


def test_one_device_is_the_default_also_of_a_cluster_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(make_strategy(), tf.distribute.OneDeviceStrategy)
    cluster(monkeypatch, chief=["a:1"])
    assert isinstance(make_strategy("auto"), tf.distribute.OneDeviceStrategy)


def test_several_workers_are_refused_before_they_write_over_each_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    message = r"over several workers is not supported yet\. Train in one process with --strategy mirrored"
    with pytest.raises(ScaleNetError, match=f"`strategy` multi_worker: training {message}"):
        make_strategy("multi_worker")
    cluster(monkeypatch, chief=["a:1"], worker=["b:1", "c:1"])
    with pytest.raises(ScaleNetError, match=r"`strategy` auto: .*Received: 3 workers in TF_CONFIG"):
        make_strategy("auto")


def test_names_are_checked() -> None:
    with pytest.raises(ScaleNetError, match=r"`strategy` must be one of .* Received: 'mirored'.*mirrored"):
        make_strategy("mirored")


def test_a_tpu_that_does_not_answer_is_named() -> None:
    with pytest.raises(ScaleNetError, match="`strategy` tpu: no TPU answers at 'local-none'"):
        make_strategy("tpu", "local-none")


@pytest.mark.parametrize(
    ("fast", "gpus", "expected"), [(False, [], True), (True, [], False), (False, ["a GPU"], False)]
)
def test_operations_are_deterministic_on_cpu_unless_fast(
    monkeypatch: pytest.MonkeyPatch, fast: bool, gpus: list[str], expected: bool
) -> None:
    turned_on = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: turned_on.append(True))
    determinism.setup(fast=fast)
    assert bool(turned_on) is expected
