"""Which member teaches which, and who trains first."""

from __future__ import annotations

import pytest

from scalenet_tf.config import MembersConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.teachers import (
    family_teachers,
    member_teachers,
    training_groups,
    with_its_teachers,
)
from tests.helpers.networks import TINY_SUBNET
from tests.helpers.stored import member_of, write_members

STAGES = [0, 1, 2]


@pytest.mark.parametrize(
    ("teacher", "teachers", "groups"),
    [
        ("none", {0: None, 1: None, 2: None}, [[0, 1, 2]]),
        ("largest", {0: 2, 1: 2, 2: None}, [[2], [0, 1]]),
        ("s1", {0: 1, 1: None, 2: 1}, [[1], [0, 2]]),
        ("/models/net.keras", {0: None, 1: None, 2: None}, [[0, 1, 2]]),
    ],
)
def test_a_teacher_trains_before_those_it_teaches(
    teacher: str, teachers: dict[int, int | None], groups: list[list[int]]
) -> None:
    found = member_teachers(MembersConfig(teacher=teacher), STAGES, largest=2)
    assert found == teachers
    assert training_groups(found, STAGES) == groups


def test_a_teacher_that_is_not_to_be_trained_holds_nobody_up() -> None:
    assert training_groups({0: 2, 1: 2, 2: None}, [1, 0]) == [[1, 0]]


def test_the_largest_is_the_one_with_the_most_multiply_adds(scratch_run: Run) -> None:
    small = member_of(TINY_SUBNET)
    large = small.model_copy(update={"name": "s1", "stage": 1, "macs": small.macs + 1})
    write_members(scratch_run, small, large, small.model_copy(update={"name": "s2", "stage": 2}))
    teachers = family_teachers(scratch_run.family(), MembersConfig(teacher="largest"))
    assert teachers == {0: 1, 1: None, 2: 1}


def chain(tmp_path: object, *teachers: str) -> MembersConfig:
    file = f"{tmp_path}/chain.yaml"
    with open(file, "w") as recipe:
        recipe.write(f"stages: [{', '.join(f'{{teacher: {name}}}' for name in teachers)}]")
    return MembersConfig(recipe=file)


def test_teachers_may_form_a_chain_but_no_circle(tmp_path: object) -> None:
    found = member_teachers(chain(tmp_path, "s1", "s2", "none"), STAGES, largest=2)
    assert training_groups(found, STAGES) == [[2], [1], [0]]
    assert with_its_teachers(found, 0) == [2, 1, 0] and with_its_teachers(found, 2) == [2]
    with pytest.raises(ScaleNetError, match=r"must not lead back .* s0 learns from s1 learns from s0"):
        member_teachers(chain(tmp_path, "s1", "s0", "s0"), STAGES, largest=2)
    with pytest.raises(ScaleNetError, match=r"must not lead back .* s1 learns from s2 learns from s1"):
        member_teachers(chain(tmp_path, "s1", "s2", "s1"), STAGES, largest=2)


def test_a_teacher_outside_of_the_family_is_refused() -> None:
    with pytest.raises(ScaleNetError, match=r"`members.teacher` of s0 must be .* s0, s1, s2. Received: 's7'"):
        member_teachers(MembersConfig(teacher="s7"), STAGES, largest=2)
