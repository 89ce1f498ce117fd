from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.space.latency_table import read_table, write_table
from scalenet_tf.utils import files
from tests.helpers.made_up import made_up_table

TABLE = made_up_table(load_space("small"))


def test_a_table_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = write_table(tmp_path / "latency.json", TABLE, {"seconds": 3.5})
    assert read_table(path) == TABLE
    assert hash(read_table(path)) == hash(TABLE)
    assert files.read_json(path)["environment"] == {"seconds": 3.5}
    assert files.read_json(path)["schema"] == 1


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "latency.json"
    with pytest.raises(ScaleNetError, match=r"must be a file that exists.*scalenet profile blocks"):
        read_table(path)
    for text, message in (
        ("{", "is not a latency table: "),
        ("[]", "has no schema 1"),
        ('{"schema": 2}', "has no schema 1"),
        ('{"schema": 1, "device": {}}', r"device\.cpu"),
    ):
        files.write_text(path, text)
        with pytest.raises(ScaleNetError, match=rf"(?s)`latency_table` .*{message}.*scalenet profile blocks"):
            read_table(path)
