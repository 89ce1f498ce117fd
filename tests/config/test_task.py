"""The task of a run: what exists, what is refused, and runs that are older than the choice."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.checks import check_run
from scalenet_tf.config import RunConfig, Task, load_config, load_run_config, parse_config, update_config
from scalenet_tf.config.task import PRESENT
from scalenet_tf.errors import DamagedFileError, InvalidInputError
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.made_with import check_made_with
from scalenet_tf.utils import files


def test_a_run_has_one_label_unless_it_says_otherwise() -> None:
    assert RunConfig().task is Task.single_label
    found = parse_config("task: multi_label")
    assert found.task is Task.multi_label and parse_config(found.to_yaml()) == found
    assert (found.task.score, found.task.short_score) == ("mean average precision", "mAP")
    assert (found.task.activation, RunConfig().task.activation) == ("sigmoid", "softmax")
    assert (RunConfig().task.score, PRESENT) == ("accuracy", 0.5)


@pytest.mark.parametrize("value", ["regression", "several", "", "1", "[multi_label]", "null", "{a: 1}"])
def test_regression_and_anything_else_is_refused_with_what_there_is(value: str) -> None:
    expected = (
        r"`task`: .* single_label or multi_label; there is no regression: divide a number into classes\."
    )
    with pytest.raises(InvalidInputError, match=expected):
        parse_config(f"task: {value}")
    with pytest.raises(InvalidInputError, match=r"Received: 'regression'"):
        load_config("smoke", ["task=regression"])
    with pytest.raises(InvalidInputError, match=expected):
        update_config(RunConfig(), {"task": "regression"})


def test_the_task_is_part_of_a_run_and_older_runs_have_one_label(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", ["task=multi_label"]))
    (run.path / "supernet").mkdir()
    with pytest.raises(InvalidInputError, match=r"another configuration \(it differs in: task\)"):
        Run.open_or_create(run.path, load_config("smoke"))
    text = run.config_file.read_text()
    assert "task: multi_label" in text
    older = files.write_text(tmp_path / "older.yaml", text.replace("task: multi_label\n", ""))
    assert load_run_config(older).task is Task.single_label


def test_a_result_of_the_other_task_is_found(finished_run: Run) -> None:
    check_made_with(finished_run)
    text = finished_run.config_file.read_text()
    files.write_text(finished_run.config_file, text.replace("task: single_label", "task: multi_label"))
    with pytest.raises(DamagedFileError, match=r"states `task: .*multi_label.*made with 'single_label'"):
        check_made_with(Run.open(finished_run.path))


def test_class_weights_are_refused_before_anything_is_trained() -> None:
    settings = ["task=multi_label", "members.class_weights=balanced"]
    with pytest.raises(
        InvalidInputError, match=r"`members\.class_weights` must be none .*Received: balanced"
    ):
        check_run(load_config("smoke", settings), load_space("small"), train_images=8000)
    check_run(load_config("smoke", settings[1:]), load_space("small"), train_images=8000)
