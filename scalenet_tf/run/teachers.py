"""The members that teach other members, and the order of training that follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scalenet_tf.config import MembersConfig, recipe_of
from scalenet_tf.config.teacher import LARGEST, stage_of
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.family import Family

# By scaling stage, the scaling stage of the member that teaches it; None for no member.
Teachers = Mapping[int, int | None]


def family_teachers(family: Family, config: MembersConfig) -> Teachers:
    """Returns the teacher of each member of a family.

    Args:
      family: The family.
      config: Section `members`.

    Raises:
      ScaleNetError: See `member_teachers`.
    """
    largest = max(family.members, key=lambda member: (member.macs, member.stage))
    return member_teachers(config, family.stages, largest.stage)


def member_teachers(config: MembersConfig, stages: Sequence[int], largest: int) -> Teachers:
    """Returns the member that teaches each member; a member that would teach itself has no teacher.

    Args:
      config: Section `members`.
      stages: Scaling stages of the family.
      largest: Scaling stage of the member with the most multiply-adds.

    Raises:
      ScaleNetError: If a teacher is not in the family, or members teach each other in a circle.

    Example:
      >>> member_teachers(MembersConfig(teacher="largest"), [0, 1, 2], largest=2)
      {0: 2, 1: 2, 2: None}
    """
    teachers: dict[int, int | None] = {}
    for stage in stages:
        teacher = recipe_of(config, stage).teacher
        named = largest if teacher == LARGEST else stage_of(teacher)
        if named is not None and named not in stages:
            raise InvalidInputError(
                f"`members.teacher` of s{stage} must be a member of the family, "
                f"{', '.join(f's{stage}' for stage in stages)}. Received: {teacher!r}. Name one of them, or "
                "give none, largest, or the path of a network."
            )
        teachers[stage] = None if named == stage else named
    _check_no_circle(teachers)
    return teachers


def training_groups(teachers: Teachers, stages: Iterable[int]) -> list[list[int]]:
    """Divides members into groups that train one after another, each teacher before those that it teaches.

    Args:
      teachers: Teacher of each member.
      stages: Scaling stages to train.

    Example:
      >>> training_groups({0: 2, 1: 2, 2: None}, [0, 1, 2])
      [[2], [0, 1]]
    """
    given = list(dict.fromkeys(stages))

    def depth(stage: int) -> int:
        teacher = teachers.get(stage)
        return 0 if teacher is None or teacher not in given else 1 + depth(teacher)

    depths = {stage: depth(stage) for stage in given}
    return [[s for s in given if depths[s] == level] for level in sorted(set(depths.values()))]


def with_its_teachers(teachers: Teachers, stage: int) -> list[int]:
    """Returns a member and those that must be trained before it, in the order of training.

    Args:
      teachers: Teacher of each member.
      stage: Scaling stage of the member.

    Example:
      >>> with_its_teachers({0: 1, 1: 2, 2: None}, 0)
      [2, 1, 0]
    """
    teacher = teachers.get(stage)
    return [stage] if teacher is None else [*with_its_teachers(teachers, teacher), stage]


def _check_no_circle(teachers: Teachers) -> None:
    for stage in teachers:
        passed, current = [stage], teachers[stage]
        while current is not None:
            passed.append(current)
            if current == stage:
                raise InvalidInputError(
                    "`members.teacher` must not lead back to the member itself. Received: "
                    f"{' learns from '.join(f's{s}' for s in passed)}. Give one of them the teacher none."
                )
            current = None if passed.count(current) > 1 else teachers[current]
