"""A run records the Python objects that it was begun with, and its later steps are refused without them."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf import steps
from scalenet_tf.config import load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.given_objects import (
    NOTHING_GIVEN,
    GivenObjects,
    add_given,
    check_given,
    check_parts,
    read_given,
    read_own_parts,
    record_given,
    recorded_by,
)
from scalenet_tf.run.own_parts import OwnPart, OwnParts
from scalenet_tf.space.criteria import Criteria
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import write_value

PARTS = OwnParts(loss=OwnPart(name="keras.Focal", digest="1"))
GIVEN = GivenObjects.of(["mine.small", "mine.cheap"], PARTS)
CRITERIA = r"begun with the constraints and objective \['mine.small', 'mine.cheap'\]\. Received: "


def small(subnet: object, stage: int) -> bool:
    return True


@pytest.fixture
def run(tmp_path: Path) -> Run:
    found = Run.open_or_create(tmp_path / "run", load_config("smoke"))
    record_given(found, GIVEN)
    found.supernet.mkdir()
    return found


def test_a_search_without_them_is_refused_before_anything_is_loaded(run: Run) -> None:
    with pytest.raises(ScaleNetError, match=CRITERIA + r"none\. Call search_family again with the same"):
        steps.search(run)
    with pytest.raises(ScaleNetError, match=CRITERIA + r"\['.*test_given_objects\.small'\]"):
        steps.search(run, [small])
    with pytest.raises(ScaleNetError, match=rf"constraints=….*or move '{run.given_file}' away before"):
        check_given(run, NOTHING_GIVEN)
    check_given(run, GIVEN)
    assert not run.search.exists()


def test_a_search_that_is_done_needs_none_of_them(run: Run) -> None:
    files.write_json(run.search_result_file, {})
    with pytest.raises(ScaleNetError, match=r"trained with keras\.Focal\. Received: no own loss.*differs"):
        check_given(run, NOTHING_GIVEN)
    check_given(run, GivenObjects.of([], PARTS))


def test_members_without_them_are_refused(finished_run: Run) -> None:
    record_given(finished_run, GIVEN)
    check_given(finished_run, NOTHING_GIVEN)  # all members are trained
    finished_run.member_files(0).metrics.unlink()
    with pytest.raises(ScaleNetError, match=r"Call search_family again with the same objects in `member_tr"):
        check_given(finished_run, NOTHING_GIVEN)
    for jobs in (1, 2):
        with pytest.raises(ScaleNetError, match=r"are trained with keras\.Focal\. Received: no own loss"):
            steps.retrain(finished_run, jobs=jobs)
    check_parts(finished_run, PARTS)
    assert not finished_run.own_parts_file.exists()


def test_a_run_of_an_earlier_version_goes_on_and_records_what_it_is_given(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke"))
    run.supernet.mkdir()
    check_given(run, NOTHING_GIVEN)
    check_given(run, GIVEN)
    add_given(run, NOTHING_GIVEN)
    assert not run.given_file.exists()
    add_given(run, GivenObjects(criteria=GIVEN.criteria))
    add_given(run, GivenObjects(criteria=("other",), parts=PARTS))
    assert read_given(run) == GIVEN


def test_what_comes_too_late_is_not_recorded(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke"))
    files.write_json(run.search_identity_file, {})
    files.write_json(run.member_files(0).architecture, {})
    add_given(run, GIVEN)
    assert read_given(run) == NOTHING_GIVEN
    # The file in which earlier versions recorded them when the first member began.
    write_value(run.own_parts_file, PARTS)
    assert read_own_parts(run) == PARTS
    with pytest.raises(ScaleNetError, match="no own loss"):
        check_given(run, NOTHING_GIVEN)


def test_constraints_that_a_check_refuses_are_not_recorded(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke"))

    def refuse(*facts: object) -> None:
        raise ScaleNetError("none meets them")

    with pytest.raises(ScaleNetError, match="none meets them"):
        recorded_by(refuse, run, Criteria((small,)))(1, 2)
    assert read_given(run) == NOTHING_GIVEN
    recorded_by(lambda *facts: None, run, Criteria((small,)))(1, 2)
    assert read_given(run).criteria == (f"{__name__}.small",)


def test_parts_that_come_after_a_search_that_trains_finalists_are_not_recorded(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", ["search.confirm=2"]))
    files.write_json(run.search_identity_file, {})
    add_given(run, GivenObjects(parts=PARTS))
    with pytest.raises(ScaleNetError, match=r"are trained with no own loss.*Received: keras\.Focal"):
        check_parts(run, PARTS)
    assert read_own_parts(run) == OwnParts()
    files.write_json(run.search_result_file, {})
    check_parts(run, PARTS)  # The members may have parts of their own.
    assert read_own_parts(run) == PARTS
