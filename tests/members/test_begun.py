"""A member is trained by the recipe that the others were trained by."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.config import load_config, recipe_of
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.members.begun import check_recipes_of_others, remove_former
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import Architecture
from scalenet_tf.run.family import read_member
from scalenet_tf.run.provenance import provenance
from scalenet_tf.utils.value_file import write_value
from tests.helpers.networks import TINY_SUBNET
from tests.helpers.stored import info_of, member_of, metrics_of, write_members


def test_a_recipe_file_that_changed_between_two_members_is_refused(tmp_path: Path) -> None:
    recipe = tmp_path / "own.yaml"
    recipe.write_text("dropout: 0.1")
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", [f"members.recipe={recipe}"]))
    write_members(run, member_of(TINY_SUBNET), member_of(TINY_SUBNET, stage=1))
    first, second = read_member(run, 0), read_member(run, 1)
    begun = Architecture.of(first, info_of(), recipe_of(run.config.members, 0), provenance(run))
    write_value(run.member_files(0).architecture, begun)
    write_value(run.member_files(0).metrics, metrics_of(run))
    recipe.write_text("dropout: 0.2")
    check_recipes_of_others(run, second)  # The run has a copy.
    Path(str(run.config.members.recipe)).write_text("dropout: 0.2")
    with pytest.raises(InvalidInputError, match=r"s0 was started with another recipe .*differs in: dropout"):
        check_recipes_of_others(run, second)
    check_recipes_of_others(run, first)  # s1 is not trained yet


def test_a_training_that_begins_anew_removes_what_was_made_from_the_former_weights(
    finished_run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "scalenet_tf")
    files, member = finished_run.member_files(1), read_member(finished_run, 1)
    kept = [files.history, files.initial_weights, files.compressed("ptq-int8").model]
    gone = [files.saved_model / "saved_model.pb", files.export("onnx") / "model.onnx", files.card]
    for path in (*kept, *gone, files.evaluation):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    remove_former(finished_run, member)
    assert all(path.exists() for path in kept)
    assert not any(path.exists() for path in (*gone, files.evaluation, files.saved_model.parent))
    assert (
        "s1 is trained again: removed what was made of its former weights (saved_model, onnx" in caplog.text
    )
    caplog.clear()
    remove_former(finished_run, member)
    assert not caplog.text
