"""Checks that the training of a member goes on as it was begun."""

from __future__ import annotations

import logging
import shutil
from typing import TYPE_CHECKING

from scalenet_tf.config import Recipe, recipe_of
from scalenet_tf.errors import DamagedFileError, InvalidInputError
from scalenet_tf.run import Run
from scalenet_tf.run.architecture import Architecture, read_architecture
from scalenet_tf.run.exports import Format
from scalenet_tf.run.family import Member
from scalenet_tf.run.metrics import Metrics, read_metrics

if TYPE_CHECKING:  # which loads Keras
    from scalenet_tf.members.teacher import Teacher

logger = logging.getLogger(__name__)


def leave_trained(run: Run, member: Member, metrics: Metrics) -> None:
    """Leaves a trained member as it is, says so in the log, and removes what its training may have left.

    Raises:
      ScaleNetError: If its folder holds another network.
    """
    check_same(run, member)
    run.member_files(member.stage).state.unlink(missing_ok=True)
    logger.info(f"{member.name} is trained: test {run.config.task.score} {metrics.test_accuracy:.1%}")


def remove_former(run: Run, member: Member) -> None:
    """Removes what was made from the weights of a former training, before a member is trained again.

    Only metrics.json tells whose weights an export has: a new one would take them for its own. Compressed
    files stay, since they name the weights that they were made from.
    """
    files = run.member_files(member.stage)
    made = [files.export(form).parent for form in Format] + [files.card, files.evaluation]
    if former := [path for path in made if path.exists()]:
        names = ", ".join(path.name for path in former)
        logger.info(f"{member.name} is trained again: removed what was made of its former weights ({names})")
    for path in former:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def check_same(run: Run, member: Member) -> Architecture:
    """Checks that the folder of a member holds its network, and returns what describes it.

    Raises:
      ScaleNetError: If it holds another network.
    """
    there = read_architecture(run, member.stage)
    if there.subnet != member.subnet:
        raise DamagedFileError(
            f"{str(run.member(member.stage))!r} holds another network than {member.name} of family.json. "
            "Move that folder away to train the member again."
        )
    return there


def check_recipe(run: Run, member: Member, begun: Recipe | None, recipe: Recipe) -> None:
    """Checks that a member's training was begun with the same recipe.

    Raises:
      ScaleNetError: If it was not.
    """
    begun = begun or recipe  # earlier versions do not say with what they began
    changed = [name for name, value in recipe if getattr(begun, name) != value]
    if changed:
        raise InvalidInputError(
            f"the training of {member.name} was started with another recipe (it differs in: "
            f"{', '.join(changed)}). Put the recipe back, or move {str(run.member(member.stage))!r} away to "
            "train the member again."
        )


def check_recipes_of_others(run: Run, member: Member) -> None:
    """Checks that the other trained members of the family had the recipes that the run has now.

    Raises:
      ScaleNetError: If the content of a recipe file changed since one was trained.
    """
    for other in run.family().members:
        if other.stage == member.stage or read_metrics(run, other.stage) is None:
            continue
        begun = read_architecture(run, other.stage).recipe
        check_recipe(run, other, begun, recipe_of(run.config.members, other.stage))


def check_teacher(run: Run, member: Member, teacher: Teacher) -> None:
    """Checks that a member's training, if it has begun, was begun with the same teacher.

    Raises:
      ScaleNetError: If it was not.
    """
    if not run.member_files(member.stage).state.is_file():
        return
    begun = read_architecture(run, member.stage).provenance.digests.get("teacher")
    if begun is not None and begun != teacher.digest:
        raise InvalidInputError(
            f"the training of {member.name} was started with another teacher than {teacher.name!r} is now: "
            f"its weights have the digest {teacher.digest}, those at the start had {begun}. Put the teacher "
            f"back, or move {str(run.member(member.stage))!r} away to train the member again."
        )
