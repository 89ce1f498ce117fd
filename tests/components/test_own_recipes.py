"""Recipes, warm starts and blocks of files decide the result of a component by their content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from components.common.code import blocks_digest
from components.common.runs import decided_by, open_run, own_recipes
from components.family_trainer.executor import _decided_by as of_member
from components.joint_search.executor import _decided_by
from scalenet_tf.config import load_config, recipe_of
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.utils import files


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


def test_whose_a_latency_table_is_decides_nothing() -> None:
    here, elsewhere = (load_config("smoke", [f"ladder.latency_device={name}"]) for name in ("this", "other"))
    assert decided_by(here) == decided_by(elsewhere) != decided_by(load_config("smoke", ["ladder.stages=2"]))


def test_a_member_is_decided_by_the_recipes_of_its_teachers(family_run: Run, tmp_path: Path) -> None:
    family = family_run.family()
    recipe = tmp_path / "own.yaml"

    def decides(*stages: str) -> list[dict[str, Any]]:
        recipe.write_text(f"stages: [{', '.join(stages)}]")
        settings = load_config("smoke", [f"members.recipe={recipe}"])
        return [of_member(settings, family, stage) for stage in (0, 1, 2)]

    before = decides("{teacher: s1}", "{}", "{}")
    after = decides("{teacher: s1}", "{dropout: 0.3}", "{}")
    assert [one != other for one, other in zip(before, after, strict=True)] == [True, True, False]
    saved = tmp_path / "teacher.keras"
    saved.write_bytes(b"one")
    learns = ("{teacher: s1}", f"{{teacher: {saved}}}", "{}")
    first = decides(*learns)
    saved.write_bytes(b"two")
    second = decides(*learns)
    assert [one != other for one, other in zip(first, second, strict=True)] == [True, True, False]


def test_another_warm_start_at_the_same_path_is_another_search(searched_run: Run) -> None:
    config = load_config("smoke", [f"search.warm_start={searched_run.path}"])
    before = _decided_by(config)
    result = files.read_json(searched_run.search_result_file)
    assert result["archive"]
    files.write_json(searched_run.search_result_file, {**result, "archive": []})
    assert _decided_by(config) != before and decided_by(config) == decided_by(load_config("smoke")) | {
        "config": before["config"]
    }


def test_an_interrupted_step_goes_on_after_an_edit_of_what_it_does_not_read(
    searched_run: Run, tmp_path: Path
) -> None:
    recipe = files.write_text(tmp_path / "own.yaml", "dropout: 0.1")
    names = [f"members.recipe={recipe}", f"search.warm_start={searched_run.path}"]
    config = load_config("smoke", [f"space={searched_run.space_file}", *names])

    def opened(examples: str) -> Run:
        folder = tmp_path / examples
        folder.mkdir(exist_ok=True)
        return open_run(tmp_path / "work", config, str(folder), {})

    before = opened("examples")
    (before.supernet / "ckpt-1").mkdir(parents=True)  # no run is created anew over it
    recipe.write_text("dropout: 0.2")
    result = files.read_json(searched_run.search_result_file)
    files.write_json(searched_run.search_result_file, {**result, "archive": []})
    after = opened("examples under another path")
    assert recipe_of(after.config.members, 0).dropout == 0.2
    start = after.warm_start()
    assert start is not None and len(start.bases) == 1
    recipe.unlink()
    searched_run.search_result_file.unlink()
    assert recipe_of(opened("examples").config.members, 0).dropout == 0.2


def test_an_edited_block_decides_as_other_code_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    code = "from scalenet_tf.space.fused_mbconv import FusedMBConv\n\n\nclass Own(FusedMBConv):\n    pass\n"
    module = files.write_text(tmp_path / "block_of_a_test.py", code)
    values = load_space("small").model_dump(mode="json")
    for stage in values["stages"]:
        stage["ops"] = [
            {"block": "block_of_a_test:Own", "kernel": 3, "expansion": 3, "squeeze_excite": False}
        ]
    space = files.write_json(tmp_path / "space.json", values)
    config = load_config("smoke", [f"space={space}"])
    assert blocks_digest(load_space("small")) == "" and "blocks" not in decided_by(load_config("smoke"))
    before = decided_by(config)
    files.write_text(module, code + "\n")
    after = decided_by(config)
    assert before["space"] == after["space"] and before["blocks"] != after["blocks"]
