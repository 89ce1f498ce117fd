"""A frozen value as a file: back as it was, and refused by name where it is damaged."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import ClassVar

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files
from scalenet_tf.utils.value import SparseValue, Value
from scalenet_tf.utils.value_file import (
    FileValue,
    read_if_there,
    read_rows,
    read_value,
    row_line,
    write_value,
)


class Part(SparseValue):
    optional: ClassVar[frozenset[str]] = frozenset({"note"})

    size: int
    note: str | None = None
    score: float | None


class Whole(FileValue):
    parts: tuple[Part, ...]
    times: dict[int, float]


class Bare(FileValue):
    layout: ClassVar[int | None] = None

    size: int


WHOLE = Whole(parts=(Part(size=1, score=None), Part(size=2, note="é", score=0.5)), times={32: 1.5})
ADVICE = "Make it again."


def test_a_value_comes_back_and_absent_notes_are_left_out(tmp_path: Path) -> None:
    path = write_value(tmp_path / "whole.json", WHOLE)
    assert read_value(path, Whole, ADVICE) == WHOLE == read_if_there(path, Whole, ADVICE)
    parts = [{"size": 1, "score": None}, {"size": 2, "note": "é", "score": 0.5}]
    assert json.loads(path.read_text("utf-8")) == {"schema": 1, "parts": parts, "times": {"32": 1.5}}
    bare = write_value(tmp_path / "bare.json", Bare(size=3))
    assert files.read_json(bare) == {"size": 3} and read_value(bare, Bare, ADVICE) == Bare(size=3)


def test_what_is_not_there_is_none_or_named(tmp_path: Path) -> None:
    path = tmp_path / "whole.json"
    assert read_if_there(path, Whole, ADVICE) is None
    with pytest.raises(ScaleNetError, match=rf"^'{re.escape(str(path))}' is not there. Make it again.$"):
        read_value(path, Whole, ADVICE)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is not JSON (Expecting value: line 1 column 1 (char 0))"),
        ('{"schema": 1, "parts": [', "it is not JSON"),
        ("\ufffd", "it is not JSON"),
        ("[1]", "it must hold keys and values. Received: list"),
        ('{"parts": []}', "it has no `schema` 1"),
        ('{"schema": 2, "parts": []}', "it has no `schema` 1"),
        ('{"schema": 1, "times": {}}', "`parts`: Field required."),
        (
            '{"schema": 1, "parts": [], "times": {}, "more": 3}',
            "`more`: Extra inputs are not permitted, received",
        ),
        (
            '{"schema": 1, "parts": [{"size": "large", "score": null}], "times": {}}',
            "`parts.0.size`: Input should be a valid integer, unable to parse string as an integer, "
            "received 'large'.",
        ),
        ('{"schema": 1, "parts": [{}, {}, {}]}', "`parts.2.size`: Field required; and 2 more."),
    ],
)
def test_damage_is_named_with_the_next_step(tmp_path: Path, text: str, problem: str) -> None:
    path = files.write_text(tmp_path / "whole.json", text)
    with pytest.raises(ScaleNetError) as caught:
        read_if_there(path, Whole, ADVICE)
    told = str(caught.value)
    assert told.startswith(f"'{path}' is damaged") and problem in told and told.endswith(f" {ADVICE}")
    assert len(told) < 600


def test_bytes_that_are_no_text_are_damage_too(tmp_path: Path) -> None:
    path = files.write_bytes(tmp_path / "whole.json", b"\xff\xfe\x00")
    with pytest.raises(ScaleNetError, match=r"whole.json' is damaged: it is not JSON .*Make it again"):
        read_value(path, Whole, ADVICE)


def test_a_long_wrong_value_is_cut_short(tmp_path: Path) -> None:
    path = files.write_json(tmp_path / "bare.json", {"size": "x" * 10_000})
    with pytest.raises(ScaleNetError) as caught:
        read_value(path, Bare, ADVICE)
    assert len(str(caught.value)) < 500


def test_values_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        WHOLE.parts = ()  # type: ignore[misc]
    assert issubclass(FileValue, Value)


def test_a_log_cut_by_a_kill_is_read_up_to_the_cut(tmp_path: Path) -> None:
    log, rows = tmp_path / "log.jsonl", [Bare(size=1), Bare(size=2)]
    files.write_text(log, "".join(map(row_line, rows)) + '{"si')
    assert read_rows(log, Bare, ADVICE) == rows
    assert log.read_text() == '{"size": 1}\n{"size": 2}\n{"si'
    assert read_rows(tmp_path / "none.jsonl", Bare, ADVICE) == []
    assert read_rows(files.write_text(log, ""), Bare, ADVICE) == []


def test_a_damaged_row_is_named_by_its_line(tmp_path: Path) -> None:
    log = files.write_text(tmp_path / "log.jsonl", '{"size": 1}\n{"si\n{"size": 2}\n')
    with pytest.raises(
        ScaleNetError, match=r"log.jsonl' is damaged .*: line 2: .*Invalid JSON.*Make it again"
    ):
        read_rows(log, Bare, ADVICE)
