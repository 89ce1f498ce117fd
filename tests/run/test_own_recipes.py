"""A run keeps copies of the recipe files that it names, so that it and they can be moved."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from scalenet_tf import steps
from scalenet_tf.cli.options import open_run
from scalenet_tf.config import load_config, override_config, recipe_of
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.config_file import write_config_file
from scalenet_tf.run.own_recipes import copy_of
from scalenet_tf.run.refused import removed_if_refused


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    file = tmp_path / "own.yaml"
    file.write_text("stages: [{dropout: 0.1}, {dropout: 0.3}]")
    return file


def begun(path: Path, recipe: Path, *more: str) -> Run:
    run = Run.open_or_create(path, load_config("smoke", [f"members.recipe=[default, {recipe}]", *more]))
    run.supernet.mkdir(exist_ok=True)
    return run


def stated(run: Run) -> list[str]:
    return yaml.safe_load(run.config_file.read_text())["members"]["recipe"]


def test_a_moved_run_whose_recipe_is_gone_goes_on(tmp_path: Path, recipe: Path) -> None:
    run = begun(tmp_path / "run", recipe)
    assert Run.open(run.path) == run and stated(run) == ["default", str(recipe)]
    moved = tmp_path / "moved"
    shutil.move(run.path, moved)
    recipe.unlink()
    for opened in (Run.open(moved), open_run(moved, None, ["tpu=x"]), begun(moved, recipe)):
        assert [recipe_of(opened.config.members, stage).dropout for stage in (0, 1, 5)] == [0, 0.3, 0.3]
    # Rewritten, config.yaml still states the name.
    assert stated(Run.open(moved)) == ["default", str(recipe)]


def test_the_content_decides_whether_a_recipe_is_another_one(tmp_path: Path, recipe: Path) -> None:
    run = begun(tmp_path / "run", recipe)
    copied = recipe.rename(tmp_path / "elsewhere.yaml")
    assert begun(run.path, copied).config == run.config
    copied.write_text("dropout: 0.1")
    for other in (copied, tmp_path / "gone.yaml"):
        with pytest.raises(ScaleNetError, match=r"it differs in: members.recipe\)|`recipe` must be one of"):
            begun(run.path, other)
    with pytest.raises(ScaleNetError, match=r"it differs in: members.dropout\)"):
        begun(run.path, recipe, "members.dropout=0.4")
    assert Run.open(run.path).config == run.config


def test_an_edited_recipe_is_named_and_the_copy_counts(tmp_path: Path, recipe: Path, caplog) -> None:
    run = begun(tmp_path / "run", recipe)
    recipe.write_text("dropout: 0.2")
    with pytest.raises(ScaleNetError, match=r"it differs in: members.recipe\)"):
        begun(run.path, recipe)
    assert recipe_of(Run.open(run.path).config.members, 1).dropout == 0.3
    copy_of(run, str(recipe)).write_text("dropout: 0.4")  # before any member began
    assert recipe_of(Run.open(run.path).config.members, 1).dropout == 0.4


def test_members_that_are_trained_need_no_recipe_file(finished_run: Run, recipe: Path, caplog) -> None:
    run = with_recipe(finished_run, recipe)
    recipe.write_text("dropout: 0.2")
    steps.retrain(run, [])
    assert not caplog.records
    recipe.unlink()
    steps.retrain(run, [])


def test_a_run_of_an_earlier_version_reads_the_file_that_it_names(finished_run: Run, recipe: Path) -> None:
    run = with_recipe(finished_run, recipe, copied=False)
    assert run.config.members.recipe == str(recipe)
    recipe.rename(recipe.with_name("new.yaml"))
    with pytest.raises(ScaleNetError, match=r"`recipe` must be one of .*own\.yaml"):
        steps.retrain(run, [])
    # The place that config.yaml states may be edited.
    run.config_file.write_text(
        run.config_file.read_text().replace(str(recipe), str(recipe.with_name("new.yaml")))
    )
    steps.retrain(Run.open(run.path), [])


def test_copies_go_with_a_refused_run_and_others_stay(tmp_path: Path, recipe: Path) -> None:
    with pytest.raises(ScaleNetError), removed_if_refused(tmp_path / "run"):
        Run.open_or_create(tmp_path / "run", load_config("smoke", [f"members.recipe={recipe}"]))
        raise ScaleNetError("refused")
    assert not (tmp_path / "run").exists()
    with pytest.raises(ScaleNetError, match="`recipe` must be one of"):
        Run.open_or_create(tmp_path / "run", load_config("smoke", ["members.recipe=nowhere.yaml"]))


def test_a_run_that_is_begun_anew_with_its_own_settings_keeps_the_name(tmp_path: Path, recipe: Path) -> None:
    first = Run.open_or_create(tmp_path / "run", load_config("smoke", [f"members.recipe={recipe}"]))
    recipe.unlink()
    again = Run.open_or_create(first.path, override_config(first.config, ["seed=7"]))
    assert (again.config.seed, again.config.members) == (7, first.config.members)
    assert yaml.safe_load(again.config_file.read_text())["members"]["recipe"] == str(recipe)


def with_recipe(run: Run, recipe: Path, *, copied: bool = True) -> Run:
    """A run whose members were trained by a recipe file."""
    write_config_file(run, override_config(run.config, [f"members.recipe={recipe}"]))
    if copied:
        run.own_recipes.mkdir()
        shutil.copy(recipe, copy_of(run, str(recipe)))
    return Run.open(run.path)
