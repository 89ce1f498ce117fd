from __future__ import annotations

import os
from pathlib import Path

import pytest

from scalenet_tf.errors import DamagedFileError, ScaleNetError
from scalenet_tf.search.journal import Journal
from tests.helpers.full_disk import full_disk

ROWS = [{"trial": 0, "values": {"op": "k3e6s"}}, {"trial": 0, "score": 0.1}]


def written(path: Path) -> Path:
    journal = Journal(path)
    for row in ROWS:
        journal.append(row)
    journal.close()
    return path


def test_rows_come_back_in_order(tmp_path: Path) -> None:
    assert Journal(written(tmp_path / "deep" / "trials.jsonl")).read() == ROWS


def test_no_file_has_no_rows_and_reading_makes_none(tmp_path: Path) -> None:
    assert Journal(tmp_path / "trials.jsonl").read() == []
    assert not (tmp_path / "trials.jsonl").exists()


def test_a_torn_tail_is_dropped_at_every_byte(tmp_path: Path) -> None:
    path = written(tmp_path / "trials.jsonl")
    whole = path.read_bytes()
    first = whole.index(b"\n") + 1
    for end in range(first, len(whole)):
        path.write_bytes(whole[:end])
        journal = Journal(path)
        assert journal.read() == ROWS[:1]
        journal.append(ROWS[1])
        journal.close()
        assert path.read_bytes() == whole


def test_rows_are_synced_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, synced = [0.0], []
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("os.fsync", synced.append)
    journal = Journal(tmp_path / "trials.jsonl")
    journal.open()
    synced.clear()
    for now[0] in (1.0, 11.0, 12.0, 22.0):
        journal.append(ROWS[0])
    journal.close()
    assert len(synced) == 2  # at 11 and 22


def test_a_damaged_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "trials.jsonl"
    path.write_text('{"trial":0,"score":1}\nnot json\n{"trial":1,"score":1}\n')
    with pytest.raises(ScaleNetError, match=r"line 2 of '.*trials\.jsonl' is not a row of JSON"):
        Journal(path).read()


@pytest.mark.parametrize(
    "line",
    [
        *("[]", "3", "null", '"text"', "{}", '{"trial": "x", "score": 1}', '{"trial": true, "score": 1}'),
        *('{"trial": -1, "score": 0.5}', '{"trial": 1}', '{"trial": 1, "values": []}'),
        *('{"trial": 1, "score": "0.5"}', '{"trial": 1, "score": true}', '{"trial": 1, "score": {}}'),
        '{"trial": 1, "values": {}, "score": 1}',
    ],
)
def test_a_line_of_json_that_is_no_row_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "trials.jsonl"
    path.write_text(f'{{"trial": 0, "score": 0.5}}\n{line}\n')
    with pytest.raises(DamagedFileError, match=r"line 2 of '.*trials\.jsonl' is no row .*delete that line"):
        Journal(path).read()


def test_only_one_process_writes(tmp_path: Path) -> None:
    first, second = Journal(tmp_path / "trials.jsonl"), Journal(tmp_path / "trials.jsonl")
    first.open()
    with pytest.raises(ScaleNetError, match="another process is writing to"):
        second.open()
    first.close()
    second.open()
    second.close()


def test_a_file_that_grew_since_it_was_read_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "trials.jsonl")
    stale = Journal(path)
    stale.read()
    fresh = Journal(path)
    fresh.read()
    fresh.append({"trial": 1, "score": 0.5})
    fresh.close()
    with pytest.raises(ScaleNetError, match="one search at a time"):
        stale.open()
    assert len(Journal(path).read()) == 3


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_what_is_not_kept_is_dropped_only_when_writing_begins(tmp_path: Path, rows: int) -> None:
    path = written(tmp_path / "trials.jsonl")
    path.write_bytes(path.read_bytes() + b'{"torn')
    journal = Journal(path)
    journal.read()
    journal.keep(rows)
    assert Journal(path).read() == ROWS
    journal.append({"trial": 7, "score": None})
    journal.close()
    assert Journal(path).read() == [*ROWS[:rows], {"trial": 7, "score": None}]


def test_nan_is_refused(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "trials.jsonl")
    with pytest.raises(ValueError, match="Out of range float"):
        journal.append({"score": float("nan")})
    journal.close()


def test_what_cannot_be_written_leaves_whole_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "trials.jsonl")
    journal = Journal(path)
    assert journal.read() == ROWS
    journal.append(ROWS[0])
    with full_disk(path.stat().st_size + 10):  # the disk is full within the row
        for _ in range(2):
            with pytest.raises(ScaleNetError, match=r"could not be written \(.+\): free some disk space"):
                journal.append(ROWS[1])
    assert Journal(path).read() == [*ROWS, ROWS[0]]
    journal.append(ROWS[1])
    journal.close()
    assert Journal(path).read() == [*ROWS, *ROWS]


def test_a_pipe_in_its_place_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "trials.jsonl")
    with pytest.raises(ScaleNetError, match=r"trials.jsonl' is not a file"):
        Journal(tmp_path / "trials.jsonl").read()
