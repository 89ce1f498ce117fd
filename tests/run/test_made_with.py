"""A step does not go on with a configuration that earlier results were not made with."""

from __future__ import annotations

import pytest

from scalenet_tf import steps
from scalenet_tf.config import override_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.made_with import check_made_with
from scalenet_tf.utils import files

STEPS = (steps.train, steps.search, steps.scale, steps.retrain, steps.export)


def edited(run: Run, *keys: str) -> Run:
    files.write_text(run.config_file, override_config(run.config, keys).to_yaml())
    return Run.open(run.path)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("key", "file"),
    [
        ("seed=7", "done.json"),
        ("supernet.steps=77", "done.json"),
        ("data.train_images=77", "done.json"),
        ("search.population=7", "result.json"),
        ("scale.tolerance=0.07", "family.json"),
    ],
)
def test_an_edited_key_and_the_result_that_it_decided_are_named(finished_run: Run, step, key, file) -> None:
    name, value = key.split("=")
    with pytest.raises(ScaleNetError, match=rf"states `{name}: {value}`, and .*{file}' was made"):
        step(edited(finished_run, key))


def test_keys_that_decided_no_result_yet_may_be_edited(finished_run: Run, searched_run: Run) -> None:
    free = ("members.epochs=2", "search.rounds=9", "supernet.checkpoint_minutes=1", "tpu=x")
    check_made_with(edited(finished_run, *free))
    check_made_with(finished_run)


def test_one_more_member_needs_no_new_run(finished_run: Run) -> None:
    before = finished_run.family().members
    key = f"scale.extra_stages={finished_run.config.scale.extra_stages + 1}"
    with pytest.raises(ScaleNetError, match=r"states `scale\.extra_stages"):
        steps.scale(edited(finished_run, key))
    finished_run.family_file.unlink()
    steps.scale(edited(finished_run, key))
    assert finished_run.family().members[:-1] == before


def test_a_key_that_a_result_does_not_state_is_younger_than_it(finished_run: Run) -> None:
    done = files.read_json(finished_run.supernet_done_file)
    del done["provenance"]["config"]["supernet"]["ema_decay"]
    files.write_json(finished_run.supernet_done_file, done)
    check_made_with(edited(finished_run, "supernet.ema_decay=0.5"))
