"""Recipe files: shipped and own ones, by stage, over the section `members`."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from scalenet_tf.cli.describe import recipe_values
from scalenet_tf.config import RECIPE_NAMES, MembersConfig, Recipe, load_config, recipe_of, stated
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.paths import with_absolute_paths, without_paths


def test_the_default_is_the_section_as_it_is() -> None:
    config = MembersConfig(momentum=0.3, epochs=(1, 2))
    recipe = recipe_of(config, 4)
    assert recipe == Recipe(momentum=0.3, epochs=(1, 2))
    # What changed nothing before there were recipes.
    quiet = (
        "dropout",
        "stochastic_depth",
        "ema_decay",
        "rand_augment",
        "erase_probability",
        "mixup",
        "cutmix",
    )
    assert not any(getattr(recipe, name) for name in quiet) and recipe.patience is None


@pytest.mark.parametrize("name", RECIPE_NAMES)
def test_shipped_recipes_regularise_larger_members_no_less(name: str) -> None:
    recipes = [recipe_of(MembersConfig(recipe=name), stage) for stage in range(7)]
    for key in ("dropout", "stochastic_depth", "rand_augment_magnitude", "erase_probability", "mixup"):
        assert all(small <= large for small, large in pairwise(getattr(recipe, key) for recipe in recipes))


def test_own_files_stand_above_the_section_and_their_base(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "base: regularized\nmomentum: 0.5\nema_decay: 0\nstages: [{dropout: 0.7}, {momentum: 0.6}]\n"
    )
    config = MembersConfig(recipe=str(own), momentum=0.1, weight_decay=0.2)
    first, second, third = (recipe_of(config, stage) for stage in range(3))
    assert (first.momentum, second.momentum, third.momentum) == (0.5, 0.6, 0.6)
    assert (first.dropout, third.dropout) == (0.7, stated("regularized", 2)["dropout"])
    assert first.ema_decay == 0 and first.weight_decay == 0.2


def test_one_file_for_each_stage(tmp_path: Path) -> None:
    (tmp_path / "s1.yaml").write_text("dropout: 0.4\n")
    config = MembersConfig(recipe=("default", str(tmp_path / "s1.yaml")))
    assert [recipe_of(config, stage).dropout for stage in range(4)] == [0, 0.4, 0.4, 0.4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("droput: 0.1", r"unknown key `droput`.*Did you mean 'dropout'\?"),
        ("stages: [{}, {droput: 0.1}]", r"unknown key `stages\.1\.droput`.*Did you mean 'dropout'\?"),
        ("dropout: 1", r"the recipe '.*own\.yaml' is not valid:\n`dropout`: .*less than 1\. Received: 1"),
        (
            "base: regularised",
            r"`base` of the recipe .*Received: 'regularised'\. Did you mean 'regularized'\?",
        ),
        ("stages: {dropout: 0.1}", r"`stages` of the recipe .* must be a list"),
        ("stages: []", r"`stages` of the recipe .* must be a list.*Received: \[\]"),
        ("- 1", "must hold keys and values. Received: list"),
        ("a: [", "is not YAML"),
    ],
)
def test_mistakes_are_named(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(ScaleNetError, match=message):
        recipe_of(MembersConfig(recipe=str(tmp_path / "own.yaml")), 1)


@pytest.mark.parametrize(("name", "optimizer"), [("adamw", "adamw"), ("efficientnet", "rmsprop")])
def test_runs_go_on_with_recipes_that_are_no_longer_offered(name: str, optimizer: str) -> None:
    config = load_config("smoke", [f"members.recipe={name}"])
    assert recipe_of(config.members, 1).optimizer == optimizer
    assert with_absolute_paths(config) == config and without_paths(config)["members"]["recipe"] == name


def test_an_unknown_name() -> None:
    with pytest.raises(ScaleNetError, match=r"`recipe` must be one of .*Did you mean 'regularized'\?"):
        recipe_of(MembersConfig(recipe="regular"), 0)
    with pytest.raises(ScaleNetError, match=r"`members\.recipe"):
        load_config("smoke", ["members.recipe=[]"])


def test_paths_are_absolute_in_a_run_and_absent_from_provenance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own.yaml").write_text("dropout: 0.1\n")
    monkeypatch.chdir(tmp_path)
    config = with_absolute_paths(load_config("smoke", ["members.recipe=[own.yaml, regularized]"]))
    assert config.members.recipe == (str(tmp_path / "own.yaml"), "regularized")
    assert without_paths(config)["members"]["recipe"] == ("custom", "regularized")


def test_info_shows_what_a_recipe_states() -> None:
    values = recipe_values("regularized", MembersConfig(momentum=0.77), stages=3)
    assert list(values) == list(Recipe.model_fields)
    assert (values["dropout"][2], values["momentum"][2]) == ("0.2", "(0.77)")
