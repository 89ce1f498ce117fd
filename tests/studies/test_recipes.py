"""The study of training recipes: equal lengths, and a report from the items alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from scalenet_tf.config import RECIPE_NAMES, DataConfig
from scalenet_tf.errors import ScaleNetError
from studies.recipes.__main__ import app
from studies.recipes.study import KIND, Study, member_item

STUDY = Study(data=DataConfig(), seeds=2, recipes=("default", "regularized"))


@pytest.mark.parametrize("name", RECIPE_NAMES)
def test_all_recipes_have_the_same_number_of_epochs(name: str) -> None:
    recipes = [STUDY.recipe(name, stage) for stage in STUDY.stages]
    assert {(recipe.epochs, recipe.scratch_epochs) for recipe in recipes} == {(5, 5)}
    assert Study(data=DataConfig(), epochs=3).recipe(name, 2).epochs == 3


def test_a_recipe_of_another_version_is_refused() -> None:
    with pytest.raises(ScaleNetError, match="'progressive' of this study is of another version"):
        STUDY.recipe("progressive", 0)


def test_the_run_has_the_augmentation_of_its_configuration_and_the_study_s_length() -> None:
    run = Study(data=DataConfig(train_images=100), config="colour32", steps=40).run(3)
    assert (run.seed, run.data.train_images, run.data.augmentation.shift) == (3, 100, 0.125)
    assert (run.supernet.steps, run.supernet.warmup_steps) == (40, 2)


def test_the_report_compares_the_seeds_that_both_have(tmp_path: Path) -> None:
    items = KIND.begin(tmp_path, STUDY)
    early = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert "members trained by the recipe `default`" in str(early.exception)

    def write(recipe: str, seed: int, *accuracies: float) -> None:
        for stage, accuracy in zip(STUDY.stages, accuracies, strict=True):
            item = {"epochs": 5, "cpu_seconds": 10.0 + stage, "test": accuracy}
            items.write(member_item(recipe, stage, seed), item)

    write("default", 0, 0.8, 0.9)
    write("default", 1, 0.7, 0.8)
    write("regularized", 1, 0.71, 0.79)
    printed = CliRunner().invoke(app, ["report", str(tmp_path)]).output
    assert "| default | 75.00 % | 2 | 10 | 85.00 % | 2 | 12 |" in printed
    assert "| regularized | 71.00 % (+1.00) | 1 | 10 | 79.00 % (-1.00) | 1 | 12 |" in printed
    assert printed.endswith("`default`. Epochs: 5 (S0), 5 (S2).\n")
    (tmp_path / "members" / "regularized_s2_1.json").unlink()  # not trained yet
    printed = CliRunner().invoke(app, ["report", str(tmp_path)]).output
    assert "| regularized | 71.00 % (+1.00) | 1 | 10 | – | 0 | – |" in printed
