"""The beginning of a run from Python, or its continuation with the objects that it was begun with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scalenet_tf.config import RunConfig
from scalenet_tf.data.moved import begin_or_continue
from scalenet_tf.run import Run
from scalenet_tf.run.given_objects import NOTHING_GIVEN, GivenObjects, add_given, check_given, record_given
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.own_parts import OwnParts
from scalenet_tf.run.work import holds_work
from scalenet_tf.space import Constraint, Criteria, Objective
from scalenet_tf.utils.tf_setup import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.members import MemberTraining


def named_objects(
    constraints: Sequence[Constraint], objective: Objective | None, training: MemberTraining | None
) -> GivenObjects:
    """Returns the names of the objects that a call passes.

    Raises:
      ScaleNetError: If a part of the members' training has no configuration.
    """
    parts = OwnParts()
    if training is not None and training.has_parts:
        load_tensorflow()
        from scalenet_tf.members.own_parts import identity_of

        parts = identity_of(training)
    return GivenObjects.of(Criteria.of(constraints, objective).names, parts)


def begin(folder: RunFolder, config: RunConfig, given: GivenObjects, *, own_files: bool) -> Run:
    """Begins a run, or goes on with one, also to more rounds of its search.

    Args:
      folder: Directory of the run.
      config: Configuration that is asked for.
      given: Names of the objects that are passed, which the run records.
      own_files: Whether the run goes on with its own copies of files, see `Run.open_or_create`.

    Raises:
      ScaleNetError: If the run cannot be begun, or was begun with another configuration or other objects.
    """
    if not holds_work(folder.path):
        if given == NOTHING_GIVEN and folder.config_file.is_file():
            check_given(folder, given)  # An interrupted call has recorded its own.
        else:
            record_given(folder, given)  # before config.yaml, which makes it a run
        return begin_or_continue(folder.path, config, own_files=own_files)
    rounds, begun = config.search.rounds, Run.open(folder.path).config.search.rounds
    if rounds > begun:
        search = config.search.model_copy(update={"rounds": begun})
        config = config.model_copy(update={"search": search})
    run = begin_or_continue(folder.path, config, own_files=own_files)
    check_given(run, given)
    if rounds > begun:
        from scalenet_tf.search.more_rounds import with_rounds

        run = with_rounds(run, rounds, given)
    add_given(run, given)
    return run
