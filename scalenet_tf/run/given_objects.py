"""given.json: the Python objects that a run was begun with, which it cannot make itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from scalenet_tf.config import load_run_config
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.own_parts import OwnParts
from scalenet_tf.run.states import step_states
from scalenet_tf.space.criteria import Criteria
from scalenet_tf.utils.value import SparseValue
from scalenet_tf.utils.value_file import FileValue, read_if_there, write_value

AGAIN = "Call search_family again with the same"


class GivenObjects(SparseValue, FileValue):
    """Names of the objects that Python code passed for a run; search and members need the same ones.

    Runs of earlier versions have no such file.

    Attributes:
      criteria: Names of the constraints, then of the objective; None if there are none.
      parts: Own loss, metrics and augmentation of the members' training; None if there are none.
    """

    optional: ClassVar[frozenset[str]] = frozenset({"criteria", "parts"})

    criteria: tuple[str, ...] | None = None
    parts: OwnParts | None = None

    @classmethod
    def of(cls, criteria: Sequence[str], parts: OwnParts) -> GivenObjects:
        """Returns the value for names of criteria and for own parts, either of which may be empty."""
        return cls(criteria=tuple(criteria) or None, parts=None if parts == OwnParts() else parts)


NOTHING_GIVEN = GivenObjects()


def read_given(run: RunFolder) -> GivenObjects:
    """Returns the objects that a run was begun with, as far as it has recorded them.

    Raises:
      ScaleNetError: If the file is damaged.
    """
    return read_if_there(run.given_file, GivenObjects, "Put it back, or start a new run.") or NOTHING_GIVEN


def record_given(run: RunFolder, given: GivenObjects) -> None:
    """Records the objects that a run is created with, in place of those of a run that holds no work."""
    if given == NOTHING_GIVEN:
        run.given_file.unlink(missing_ok=True)
    else:
        write_value(run.given_file, given)


def add_given(run: RunFolder, given: GivenObjects) -> None:
    """Records objects that come to a run after its creation, unless its results were begun without them."""
    own = read_given(run)
    criteria, parts = own.criteria, own.parts
    if criteria is None and not run.search_identity_file.is_file():
        criteria = given.criteria
    if read_own_parts(run) == OwnParts() and not (_members_begun(run) or _confirms(run)):
        parts = given.parts
    if (criteria, parts) != (own.criteria, own.parts):
        write_value(run.given_file, GivenObjects(criteria=criteria, parts=parts))


def recorded_by(check: Callable[..., None], run: RunFolder, criteria: Criteria) -> Callable[..., None]:
    """Returns a check of the run's settings that also records constraints and objective once they pass it."""

    def checked(*facts: Any) -> None:
        check(*facts)
        add_given(run, GivenObjects.of(criteria.names, OwnParts()))

    return checked


def check_given(run: RunFolder, given: GivenObjects) -> None:
    """Checks, before the first job step, that the steps that are left get the objects of the run's beginning.

    Raises:
      ScaleNetError: If one is missing, or another one is given.
    """
    check_criteria(run, given.criteria or ())
    if step_states(run)["retrain"] != "done" and read_own_parts(run) != OwnParts():
        check_same_parts(run, given.parts or OwnParts())


def check_criteria(run: RunFolder, names: Sequence[str]) -> None:
    """Checks that a search, unless it is done, gets the constraints and the objective of its run's beginning.

    Raises:
      ScaleNetError: If it gets none, or others.
    """
    begun = read_given(run).criteria
    if begun not in (None, tuple(names)) and not run.search_result_file.is_file():
        away = f", or move {str(run.given_file)!r} away before the search begins"
        raise other_criteria(run, begun, names, otherwise=away)


def other_criteria(
    run: RunFolder, begun: Sequence[str], names: Sequence[str], *, setting: str = "", otherwise: str = ""
) -> InvalidInputError:
    """Returns the error for a search with other constraints and objective than it was begun with.

    Args:
      run: The run.
      begun: Names of those that it was begun with.
      names: Names of those that were given.
      setting: Setting that the call should have too, such as "search={'rounds': 8}".
      otherwise: A way to others beside a new run, such as ", or move it away".
    """
    call = ", ".join(
        [f"run={str(run.path)!r}", "constraints=…", "objective=…", *([setting] if setting else [])]
    )
    return InvalidInputError(
        f"the run {str(run.path)!r} was begun with the constraints and objective {list(begun) or 'none'}. "
        f"Received: {list(names) or 'none'}. {AGAIN} ones: search_family({call}). To search with others, "
        f"start a new run{otherwise}."
    )


def read_own_parts(run: RunFolder) -> OwnParts:
    """Returns the parts that the training of the members was, or is to be, begun with.

    Raises:
      ScaleNetError: If a file is damaged.
    """
    advice = f"Put it back, or move {str(run.members)!r} away to train the members again."
    return read_if_there(run.own_parts_file, OwnParts, advice) or read_given(run).parts or OwnParts()


def own_training_parts(run: RunFolder) -> str:
    """Returns the names of the own loss and augmentation of the members' training; "" without any."""
    begun = read_own_parts(run)
    return ", ".join(part.name for part in (begun.loss, begun.augmentation) if part)


def check_parts(run: RunFolder, parts: OwnParts) -> None:
    """Checks that the members are trained with the parts that the run or the first one was begun with.

    Parts of a run that has recorded none are recorded.

    Raises:
      ScaleNetError: If it was begun with others.
    """
    if parts != OwnParts() == read_own_parts(run) and not (_members_begun(run) or _confirms(run)):
        write_value(run.own_parts_file, parts)
    check_same_parts(run, parts)


def _members_begun(run: RunFolder) -> bool:
    return any((folder / "architecture.json").is_file() for folder in run.member_folders)


def _confirms(run: RunFolder) -> bool:
    """Whether a search has begun that will train finalists, with the parts that it was begun with."""
    searching = run.search_identity_file.is_file() and not run.search_result_file.is_file()
    return searching and load_run_config(run.config_file).search.confirm > 0


def check_same_parts(run: RunFolder, parts: OwnParts) -> None:
    """Checks parts as `check_parts` does, and records none.

    Raises:
      ScaleNetError: If the members are, or are to be, trained with others.
    """
    begun = read_own_parts(run)
    if parts == begun:
        return
    changed = [name for name in OwnParts.model_fields if getattr(parts, name) != getattr(begun, name)]
    there: list[Path] = [path for path in (run.members, run.given_file) if path.exists()]
    raise InvalidInputError(
        f"the members of {str(run.path)!r} are trained with {_text(begun)}. Received: {_text(parts)}, which "
        f"differs in: {', '.join(changed)}. {AGAIN} objects in `member_training`. To train the members with "
        f"others, start a new run, or move {' and '.join(repr(str(path)) for path in there)} away."
    )


def _text(parts: OwnParts) -> str:
    found = [part.name for part in (parts.loss, parts.augmentation, *(parts.metrics or ())) if part]
    return ", ".join(found) or "no own loss, metrics or augmentation"
