"""A part of the faults of `python -m tests.faults`: every answer is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.attempt import Answer, Outcome, judge
from tests.faults.classes import CLASSES
from tests.faults.table import table, tried
from tests.faults.workshop import Workshop

# Also covered by tests of the decoder and of the served graph, so that the default suite can leave it out.
SLOW = {"hostile images"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in CLASSES]
)
def test_every_answer_to_a_part_of_the_faults_is_right(
    name: str, exported_files: Path, tmp_path: Path
) -> None:
    shop = Workshop(tmp_path, small=True, given=exported_files)
    outcomes = list(tried(shop, [name]))
    wrong = [f"{name}: {key}: {found.kind}: {found.text}" for name, key, found in outcomes if not found.right]
    assert not wrong, "\n".join(wrong)
    assert outcomes, table(outcomes)


@pytest.mark.parametrize(
    ("answer", "as_before", "kind"),
    [
        (Answer(0, "out", ""), True, "unaffected"),
        (Answer(0, "out", ""), False, "another answer"),
        (Answer(2, "", "scalenet: 'family.json' is damaged"), True, "readable error"),
        (Answer(2, "", "scalenet: something is damaged"), True, "error without the file"),
        (Answer(None, "", "KeyError"), True, "traceback"),
        (Answer(1, "", "Traceback (most recent call last): family.json"), True, "traceback"),
    ],
)
def test_answers_are_judged(answer: Answer, as_before: bool, kind: str) -> None:
    assert judge(answer, ("family.json",), lambda: as_before).kind == kind


def test_the_table_counts_by_class_and_kind() -> None:
    rows = [("a", "1", Outcome("unaffected")), ("a", "2", Outcome("traceback")), ("b", "1", Outcome("hangs"))]
    lines = table(rows).splitlines()
    assert lines[1].split() == ["a", "2", "1", "1", "traceback:", "1,", "unaffected:", "1"]
    assert lines[2].split()[:4] == ["b", "1", "0", "1"]
