"""The key `members.teacher`: its forms, its path in a run, and runs that are older than it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from scalenet_tf.config import MembersConfig, RunConfig, load_config, load_run_config, recipe_of
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.paths import with_absolute_paths, without_paths


@pytest.mark.parametrize("teacher", ["none", "largest", "s4", "net.keras", "runs/first/members/s4"])
def test_a_teacher_is_a_member_or_a_path(teacher: str) -> None:
    assert load_config("smoke", [f"members.teacher={teacher}"]).members.teacher == teacher


@pytest.mark.parametrize(
    ("override", "text"),
    [
        ("members.teacher=big", r"must be none, largest, a member such as s4, the path.*Received: 'big'"),
        ("members.teacher_weight=1.1", r"teacher_weight.*less than or equal to 1"),
        ("members.teacher_temperature=0", r"teacher_temperature.*greater than or equal to 0.001"),
        ("members.teacher_temperature=.inf", r"teacher_temperature.*less than or equal to 1000000"),
    ],
)
def test_other_values_are_refused(override: str, text: str) -> None:
    with pytest.raises(ScaleNetError, match=text):
        load_config("smoke", [override])


def test_a_path_is_absolute_in_a_run_and_left_out_of_provenance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = with_absolute_paths(load_config("smoke", ["members.teacher=net.keras"]))
    assert config.members.teacher == str(tmp_path / "net.keras")
    assert without_paths(config)["members"]["teacher"] == "custom"
    for teacher in ("none", "largest", "s4"):
        named = with_absolute_paths(load_config("smoke", [f"members.teacher={teacher}"]))
        assert without_paths(named)["members"]["teacher"] == teacher == named.members.teacher


def test_a_recipe_file_names_its_teacher_by_an_absolute_path(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text("stages: [{teacher: net.keras}, {}]")
    with pytest.raises(ScaleNetError, match=r"`teacher` of the recipe .* an absolute path.*'net\.keras'"):
        recipe_of(MembersConfig(recipe=str(tmp_path / "own.yaml")), 1)


def test_a_run_without_the_key_was_begun_without_a_teacher(tmp_path: Path) -> None:
    stated = yaml.safe_load(RunConfig().to_yaml())
    del stated["members"]["teacher"]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(stated, explicit_start=True, explicit_end=True))
    members = load_run_config(tmp_path / "config.yaml").members
    assert members.teacher == "none"
    assert "teacher" in members.model_fields_set  # it is no default
