"""The key `tracking`: what it takes, and that it may change in a run that has begun."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scalenet_tf.config import load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.paths import without_paths
from scalenet_tf.tracking.events import job_step
from scalenet_tf.tracking.trackers import trackers_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mlflow", ("mlflow",)),
        ("[tensorboard, optuna, tensorboard]", ("tensorboard", "optuna")),
        ("[]", ()),
        ("null", ()),
    ],
)
def test_one_tracker_or_a_list(text: str, expected: tuple[str, ...]) -> None:
    assert load_config("smoke", [f"tracking={text}"]).trackers == expected


def test_another_name_is_refused() -> None:
    with pytest.raises(ScaleNetError, match=r"tracking.*wandb"):
        load_config("smoke", ["tracking=wandb"])


def test_it_changes_no_result_and_may_change(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", ["tracking=optuna"]))
    (run.path / "supernet").mkdir()
    assert trackers_of(Run.open_or_create(run.path, load_config("smoke"))).keys() == {"optuna"}
    Run.open_or_create(run.path, load_config("smoke", ["tracking=[]"]))
    assert trackers_of(Run.open(run.path)) == {}
    assert without_paths(run.config) == without_paths(load_config("smoke"))


@pytest.mark.parametrize("name", ["mlflow", "optuna"])
def test_a_missing_package_is_named_with_its_extra(
    family_run: Run, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    run = Run(family_run.path, family_run.config.model_copy(update={"tracking": name}))
    with (
        pytest.raises(
            ScaleNetError, match=rf"`tracking: {name}` needs .* pip install \"scalenet-tf\[{name}\]\""
        ),
        job_step(run, "scale", ()),
    ):
        pytest.fail("it began")
