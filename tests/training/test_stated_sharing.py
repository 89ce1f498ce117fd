"""Checkpoints and done.json state which ops share weights; those of the other sharing are refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
import yaml

from scalenet_tf.config import Sharing, SupernetConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.models.supernet import SuperSupernet, weights_digest
from scalenet_tf.run import Run
from scalenet_tf.training import load_supernet, train_supernet
from scalenet_tf.training.checkpoint import Checkpoints, Position
from scalenet_tf.training.train_step import make_optimizer
from scalenet_tf.utils import files
from tests.helpers.eagerly import eagerly
from tests.helpers.networks import MIXED
from tests.helpers.tiny_training import new_run


def opened(folder: Path, sharing: Sharing) -> tuple[Checkpoints, SuperSupernet]:
    net = SuperSupernet(MIXED, seed=0, sharing=sharing)
    return Checkpoints(folder, net, make_optimizer(net, SupernetConfig()), steps=9, window=5), net


@pytest.mark.parametrize(("written", "expected"), [("op", "slot"), ("slot", "op")])
def test_a_checkpoint_of_the_other_sharing_is_refused(
    tmp_path: Path, written: Sharing, expected: Sharing
) -> None:
    checkpoints, net = opened(tmp_path, written)
    net.stem.kernel.assign(net.stem.kernel + 1)
    checkpoints.save(Position(4), milestone=True)
    message = rf"ckpt-4' is of a training with `supernet\.sharing: {written}`\. Received: '{expected}', from"
    with pytest.raises(ScaleNetError, match=message):
        opened(tmp_path, expected)[0].restore()
    again, restored = opened(tmp_path, written)
    position = again.restore()
    assert position is not None and position.step == 4
    np.testing.assert_array_equal(restored.stem.kernel, net.stem.kernel)


def test_checkpoints_of_weights_for_each_op_look_as_they_did_before_there_was_a_choice(
    tmp_path: Path,
) -> None:
    for sharing, expected in (("op", False), ("slot", True)):
        folder = tmp_path / sharing
        opened(folder, "slot" if expected else "op")[0].save(Position(2), milestone=True)
        names = [name for name, _ in tf.train.list_variables(str(folder / "ckpt-2"))]
        assert any("sharing" in name for name in names) is expected


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Run:
    run = new_run(tmp_path_factory.mktemp("shared"), "supernet.steps=2", "supernet.sharing=slot")
    with eagerly():
        train_supernet(run)
    return run


def with_sharing(run: Run, folder: Path, sharing: str) -> Run:
    """A copy of a run whose config.yaml was edited."""
    path = Path(shutil.copytree(run.path, folder / "run"))
    config = yaml.safe_load((path / "config.yaml").read_text())
    config["supernet"]["sharing"] = sharing
    (path / "config.yaml").write_text(yaml.safe_dump(config, explicit_start=True, explicit_end=True))
    return Run.open(path)


def test_a_trained_super_supernet_states_its_sharing_and_is_loaded_with_it(trained: Run) -> None:
    done = files.read_json(trained.supernet / "done.json")
    assert done["sharing"] == "slot"
    net = load_supernet(trained)
    assert (net.sharing, weights_digest(net)) == ("slot", done["weights_digest"])


def test_an_edited_configuration_is_refused(trained: Run, tmp_path: Path) -> None:
    run = with_sharing(trained, tmp_path, "op")
    with pytest.raises(ScaleNetError, match=r"done\.json' is of a training with `supernet.sharing: slot`"):
        load_supernet(run)
    (run.supernet / "done.json").unlink()
    with pytest.raises(ScaleNetError, match=r"ckpt-2' is of a training with `supernet.sharing: slot`"):
        train_supernet(run)


def test_weights_of_the_other_sharing_than_done_states_are_refused(trained: Run, tmp_path: Path) -> None:
    run = with_sharing(trained, tmp_path, "op")
    done = files.read_json(run.supernet / "done.json")
    del done["sharing"]  # a training from before there was a choice
    files.write_json(run.supernet / "done.json", done)
    with pytest.raises(ScaleNetError, match=r"ckpt-2' is of a training with `supernet.sharing: slot`"):
        load_supernet(run)
