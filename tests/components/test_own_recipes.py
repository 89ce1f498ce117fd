"""The recipe of a file decides the result of a component by its content."""

from __future__ import annotations

from pathlib import Path

from components.common.runs import own_recipes
from scalenet_tf.config import load_config


def test_an_edited_recipe_has_another_digest_where_it_is_used(tmp_path: Path) -> None:
    assert own_recipes(load_config("smoke", ["members.recipe=regularized"]), [0, 1]) == {}
    recipe = tmp_path / "own.yaml"
    recipe.write_text("stages: [{dropout: 0.1}, {dropout: 0.2}]")
    config = load_config("smoke", [f"members.recipe={recipe}"])
    first, second = own_recipes(config, [0]), own_recipes(config, [1])
    assert first != second
    recipe.write_text("stages: [{dropout: 0.1}, {dropout: 0.3}]")
    assert own_recipes(config, [0]) == first
    assert own_recipes(config, [1]) != second
