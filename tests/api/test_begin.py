"""A call of `search_family` on a run that exists: what goes on, and what is refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import keras
import pytest
import tensorflow as tf
from typer.testing import CliRunner

import scalenet_tf as sn
from scalenet_tf.api.job import search_family
from scalenet_tf.cli.main import app
from scalenet_tf.data import open_data
from scalenet_tf.members.own_parts import identity_of
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.given_objects import GivenObjects, read_given
from tests.helpers.interrupted_call import Interrupt, pairs, set_up


def test_the_same_images_are_compared_without_being_stored_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = pairs(60)
    run = set_up((images, labels), tmp_path / "run", test_data=pairs(9, 1))
    stored = sorted((file, file.stat().st_mtime_ns) for file in run.own_images.rglob("*"))
    run.supernet.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(tf.io, "encode_png", None)
        set_up((images[::-1], labels[::-1]), run.path, test_data=pairs(9, 1))
    assert sorted((file, file.stat().st_mtime_ns) for file in run.own_images.rglob("*")) == stored
    other = images.copy()
    other[7, 0, 0] ^= 1
    for data in ((other, labels), (images, labels[::-1]), (images[:50], labels[:50]), (images, 1 + labels)):
        with pytest.raises(sn.ScaleNetError, match="began with other images than `data`"):
            search_family(data, run=run.path, test_data=pairs(9, 1), verbose=False)
    with pytest.raises(sn.ScaleNetError, match="began with other images than `data`"):
        search_family((images, labels), run=run.path, verbose=False)
    # Earlier versions noted no digest of plain images.
    info = run.own_images / "images.json"
    info.write_text(
        json.dumps({k: v for k, v in json.loads(info.read_text()).items() if k != "plain_digest"})
    )
    set_up((images, labels), run.path, test_data=pairs(9, 1))


def test_a_run_with_its_own_images_can_be_moved(tmp_path: Path) -> None:
    run = set_up(pairs(60), tmp_path / "run")
    digest = open_data(run).info.digest
    assert "tfrecord:images" in run.config_file.read_text()
    moved = Run.open(shutil.move(run.path, tmp_path / "moved"))
    assert moved.config.data.source == f"tfrecord:{tmp_path / 'moved' / 'images'}"
    assert open_data(moved).info.digest == digest


def test_other_images_are_refused_once_a_step_has_begun(tmp_path: Path) -> None:
    run = set_up(pairs(60), tmp_path / "run")
    set_up(pairs(60, seed=1), run.path)  # nothing has begun: they replace the first
    (run.path / "supernet").mkdir()
    stored = sorted(path.name for path in run.path.rglob("*"))
    with pytest.raises(sn.ScaleNetError, match=r"began with other images than `data`.*Continue it without"):
        search_family(pairs(60), run=run.path, verbose=False)
    assert sorted(path.name for path in run.path.rglob("*")) == stored


def test_a_run_goes_on_with_its_own_space_unless_the_changed_file_is_named(tmp_path: Path) -> None:
    space, file = load_space("small"), tmp_path / "own.yaml"
    file.write_text(space.model_dump_json())
    run = set_up(None, tmp_path / "run", space=file)
    run.supernet.mkdir()
    file.write_text(space.model_copy(update={"name": "other"}).model_dump_json())
    with pytest.raises(KeyboardInterrupt):
        search_family(run=run.path, verbose=False, tracking="tensorboard", callbacks=[Interrupt()])
    for named in ({"space": file}, {"config": run.config}):
        with pytest.raises(sn.ScaleNetError, match=r"it differs in: space\)"):
            search_family(run=run.path, verbose=False, **named)


def few_blocks(subnet: sn.Subnet, stage: int) -> bool:
    return subnet.num_blocks <= 20


def test_the_objects_of_a_call_are_recorded_before_anything_is_trained(tmp_path: Path) -> None:
    own = sn.MemberTraining(loss=keras.losses.CategoricalFocalCrossentropy(from_logits=True))
    run = set_up(None, tmp_path / "run", constraints=[few_blocks])
    assert read_given(run) == GivenObjects(criteria=("tests.api.test_begin.few_blocks",))
    # Nothing has begun: another call may give others.
    run = set_up(None, run.path, constraints=[few_blocks], member_training=own)
    assert read_given(run).parts == identity_of(own)
    # But not none without a word: the call that is left out may have been interrupted.
    with pytest.raises(sn.ScaleNetError, match=r"few_blocks'\]\. Received: none\."):
        search_family(run=run.path, verbose=False)
    assert read_given(run).parts == identity_of(own)
    run.supernet.mkdir()
    with pytest.raises(sn.ScaleNetError, match=r"begun with the .*few_blocks'\]\. Received: none\."):
        search_family(run=run.path, verbose=False, member_training=own)
    with pytest.raises(sn.ScaleNetError, match=r"Received: no own loss.*again with the same objects in"):
        search_family(run=run.path, verbose=False, constraints=[few_blocks])
    command = CliRunner().invoke(app, ["run", "--run", str(run.path)])
    assert "few_blocks']. Received: none" in str(command.exception)
    set_up(None, run.path, constraints=[few_blocks], member_training=own)


def test_a_call_with_the_same_constraints_may_ask_for_more_rounds(tmp_path: Path) -> None:
    few = {"constraints": [few_blocks]}
    run = set_up(None, tmp_path / "run", **few)
    run.supernet.mkdir()
    assert set_up(None, run.path, search={"rounds": 9}, **few).config.search.rounds == 9
    with pytest.raises(sn.ScaleNetError, match=r"it differs in: search.rounds\)"):
        search_family(run=run.path, verbose=False, search={"rounds": 3}, **few)
    with pytest.raises(sn.ScaleNetError, match=r"it differs in: seed\)"):
        search_family(run=run.path, verbose=False, search={"rounds": 12}, seed=9, **few)
    with pytest.raises(sn.ScaleNetError, match=r"Received: none\."):
        search_family(run=run.path, verbose=False, search={"rounds": 12})
    assert Run.open(run.path).config.search.rounds == 9


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            {"constraints": few_blocks},
            r"`constraints` must be a list .*into a list: constraints=\[…\]",
        ),
        ({"constraints": None}, "`constraints` must be a list of callables .*Received: None"),
        ({"constraints": ["few"]}, r"`constraints` must be a list of callables .*Received: \['few'\]"),
        ({"objective": "accuracy"}, "`objective` must be a callable .*Received: 'accuracy'"),
        ({"max_macs": "4e8"}, "`max_macs` must be a number above 0, such as 4e8. Received: '4e8'"),
        ({"max_macs": float("nan")}, "`max_macs` must be a number above 0.*Received: nan"),
        ({"max_macs": True}, "`max_macs` must be a number above 0.*Received: True"),
    ],
)
def test_arguments_of_another_kind_are_named(tmp_path: Path, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(sn.ScaleNetError, match=said):
        search_family(pairs(60), run=tmp_path / "run", verbose=False, **arguments)
    assert not (tmp_path / "run").exists()
