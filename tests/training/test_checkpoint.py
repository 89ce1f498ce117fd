"""Checkpoints that are cut short or gone: the newest whole one is read, and what was lost is named."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.config import SupernetConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.training.checkpoint import Checkpoints, Position
from scalenet_tf.training.train_step import make_optimizer
from tests.helpers.networks import MIXED

STEPS = 40


@pytest.fixture(scope="module")
def net() -> SuperSupernet:
    return SuperSupernet(MIXED, seed=0)


def opened(folder: Path, net: SuperSupernet) -> Checkpoints:
    """As a new process opens them."""
    return Checkpoints(folder, net, make_optimizer(net, SupernetConfig()), STEPS, window=5)


@pytest.fixture
def saved(tmp_path: Path, net: SuperSupernet) -> Path:
    """Milestones at steps 7 and 14, and a checkpoint of step 16 between them and the next."""
    checkpoints = opened(tmp_path, net)
    for step in (7, 14, 16):
        checkpoints.save(Position(step, window=np.full([step % 5, 4], 1.0 * step)), milestone=step < 16)
    return tmp_path


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def pipe(path: Path) -> None:
    """A reader of a pipe waits for ever."""
    path.unlink()
    os.mkfifo(path)


DATA, INDEX = "data-00000-of-00001", "index"


@pytest.mark.parametrize("part", [DATA, INDEX])
@pytest.mark.parametrize("damage", [cut, Path.unlink, lambda path: path.write_bytes(b""), pipe])
def test_the_newest_whole_checkpoint_is_read(saved: Path, net, caplog, part: str, damage) -> None:
    damage(saved / "between" / f"ckpt-16.{part}")
    position = opened(saved, net).restore()
    assert position is not None
    assert (position.step, position.window.tolist()) == (14, [[14.0] * 4] * 4)
    assert f"the checkpoint {saved}/between/ckpt-16 is damaged and left out: " in caplog.text
    damage(saved / f"ckpt-14.{part}")
    position = (again := opened(saved, net)).restore()
    assert position is not None and position.step == 7
    assert "ckpt-14 is damaged and left out: " in caplog.text
    again.save(Position(14), milestone=True)
    position = opened(saved, net).restore()
    assert position is not None and position.step == 14


def test_what_lies_behind_the_restored_one_is_no_milestone_yet(saved: Path, net: SuperSupernet) -> None:
    cut(saved / "between" / f"ckpt-16.{INDEX}")
    cut(saved / f"ckpt-14.{INDEX}")
    checkpoints = opened(saved, net)
    checkpoints.restore()
    # A training that diverges at step 10 goes back to 7, as it would have without the damage.
    assert checkpoints.restore_milestone().step == 7
    checkpoints.save(Position(14), milestone=True)
    assert checkpoints.restore_milestone().step == 14
    again = opened(saved, net).restore()
    assert again is not None and again.step == 14


def test_a_damaged_milestone_to_go_back_to_is_named(saved: Path, net: SuperSupernet) -> None:
    cut(saved / f"ckpt-14.{DATA}")
    checkpoints = opened(saved, net)
    position = checkpoints.restore()
    assert position is not None and position.step == 16
    with pytest.raises(ScaleNetError, match=r"ckpt-14' to go back to is damaged .* or delete '.*between'"):
        checkpoints.restore_milestone()
    for path in (saved / "between").iterdir():
        path.unlink()
    advised = opened(saved, net).restore()
    assert advised is not None and advised.step == 7


def test_a_milestone_that_is_gone_is_said(saved: Path, net: SuperSupernet) -> None:
    for path in [*saved.glob("ckpt-*"), saved / "checkpoint"]:
        path.unlink(missing_ok=True)
    checkpoints = opened(saved, net)
    position = checkpoints.restore()
    assert position is not None and position.step == 16
    with pytest.raises(ScaleNetError, match="no milestone to go back to"):
        checkpoints.restore_milestone()


def test_all_damaged_are_named(saved: Path, net: SuperSupernet) -> None:
    for index in saved.rglob("*.index"):
        cut(index)
    with pytest.raises(
        ScaleNetError, match=r"none of .* can be read: .*ckpt-14.*ckpt-7.* Put their files back"
    ):
        opened(saved, net).restore()


@pytest.mark.parametrize("folder", [".", "between"])
def test_a_list_of_checkpoints_that_is_a_pipe_is_written_again(saved, net, folder: str) -> None:
    pipe(saved / folder / "checkpoint")
    position = opened(saved, net).restore()
    assert position is not None and position.step == 16
    assert (saved / folder / "checkpoint").is_file()


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff\xfe", b'model_checkpoint_path: "/x"', None])
@pytest.mark.parametrize("folder", [".", "between"])
def test_without_the_list_of_checkpoints_the_newest_whole_one_is_read(saved, net, content, folder) -> None:
    index = saved / folder / "checkpoint"
    index.unlink() if content is None else index.write_bytes(content)
    position = opened(saved, net).restore()
    assert position is not None and position.step == 16
    cut(saved / "between" / f"ckpt-16.{DATA}")
    position = (again := opened(saved, net)).restore()
    assert position is not None and position.step == 14
    # Later ones take the place of the oldest, as with the list.
    for step in (21, 28, 35):
        again.save(Position(step), milestone=True)
    assert sorted(path.name for path in saved.glob("*.index")) == ["ckpt-28.index", "ckpt-35.index"]
    position = opened(saved, net).restore()
    assert position is not None and position.step == 35


def test_a_worker_that_writes_nothing_repairs_nothing(saved: Path, net: SuperSupernet) -> None:
    (saved / "checkpoint").write_bytes(b"")
    optimizer = make_optimizer(net, SupernetConfig())
    position = Checkpoints(saved, net, optimizer, STEPS, window=5, writes=False).restore()
    assert position is not None and position.step == 16
    assert (saved / "checkpoint").read_bytes() == b""
