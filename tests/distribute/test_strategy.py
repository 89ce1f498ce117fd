from __future__ import annotations

import json

import pytest
import tensorflow as tf

from scalenet_tf.distribute.strategy import make_strategy, training_strategy
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import tf_setup


def cluster(monkeypatch: pytest.MonkeyPatch, **jobs: list[str]) -> None:
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": jobs, "task": {"type": "worker", "index": 0}}))


def test_one_device_is_the_default_also_of_a_cluster_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(make_strategy(), tf.distribute.OneDeviceStrategy)
    cluster(monkeypatch, worker=["a:1"])
    for name in ("auto", "multi_worker"):
        assert isinstance(training_strategy(name), tf.distribute.OneDeviceStrategy)


def test_multi_worker_says_what_tf_config_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(ScaleNetError, match=r"TF_CONFIG must name the workers .*\. Received none\."):
        training_strategy("multi_worker")
    with pytest.raises(ScaleNetError, match="several workers train the super-supernet alone"):
        make_strategy("multi_worker")
    monkeypatch.setenv("TF_CONFIG", "{")
    with pytest.raises(ScaleNetError, match="it is not JSON"):
        training_strategy("multi_worker")


@pytest.mark.parametrize("name", ["one_device", "mirrored", "tpu"])
def test_several_workers_do_not_train_apart_in_one_run(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    cluster(monkeypatch, chief=["a:1"], worker=["b:1", "c:1"])
    with pytest.raises(ScaleNetError, match=rf"`strategy` {name}: TF_CONFIG names 3 workers\. Give"):
        training_strategy(name)


def test_names_are_checked() -> None:
    with pytest.raises(ScaleNetError, match=r"`strategy` must be one of .* Received: 'mirored'.*mirrored"):
        make_strategy("mirored")


def test_a_tpu_that_does_not_answer_is_named() -> None:
    with pytest.raises(ScaleNetError, match="`strategy` tpu: no TPU answers at 'local-none'"):
        make_strategy("tpu", "local-none")
    with pytest.raises(ScaleNetError, match=r"no TPU answers at 'grpc://127\.0\.0\.1:1' \(.*refused"):
        make_strategy("tpu", "grpc://127.0.0.1:1")
    with pytest.raises(ScaleNetError, match="no TPU answers and none is named"):
        make_strategy("tpu")


def test_auto_takes_the_tpu_that_the_environment_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TPU_NAME", "grpc://127.0.0.1:1")
    for make in (make_strategy, training_strategy):
        with pytest.raises(ScaleNetError, match=r"no TPU answers at 'grpc://127\.0\.0\.1:1' \(.*refused"):
            make("auto")
    assert isinstance(make_strategy("one_device"), tf.distribute.OneDeviceStrategy)
    monkeypatch.setenv("TPU_NAME", "")
    assert isinstance(make_strategy("auto"), tf.distribute.OneDeviceStrategy)


def test_auto_takes_the_tpu_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TPU_NAME", raising=False)
    present = tf.config.list_physical_devices
    monkeypatch.setattr(
        tf.config, "list_physical_devices", lambda kind=None: ["a TPU"] if kind == "TPU" else present(kind)
    )
    with pytest.raises(ScaleNetError, match="`strategy` tpu: no TPU answers at 'local'"):
        make_strategy("auto")
    # A name that is given goes before the machine's own.
    with pytest.raises(ScaleNetError, match="`strategy` tpu: no TPU answers at 'local-none'"):
        make_strategy("auto", "local-none")


@pytest.mark.parametrize(
    ("fast", "gpus", "expected"), [(False, [], True), (True, [], False), (False, ["a GPU"], False)]
)
def test_operations_are_deterministic_on_cpu_unless_fast(
    monkeypatch: pytest.MonkeyPatch, fast: bool, gpus: list[str], expected: bool
) -> None:
    turned_on = []
    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: gpus)
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: turned_on.append(True))
    tf_setup.setup(fast=fast)
    assert bool(turned_on) is expected
