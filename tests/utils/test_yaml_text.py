"""YAML that users give is read by YAML 1.2's rules, and is bounded in size, depth and digits."""

from __future__ import annotations

import math
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

import scalenet_tf
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.yaml_text import one_line, read_documents, read_yaml, write_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12:30:45", "12:30:45"),  # 45045 in YAML 1.1
        ("1e-3", 0.001),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", "1_000"),
        ("yes", "yes"),
        ("True", True),
        ("~", None),
        ("", None),
        ("-.inf", -math.inf),
        ("2001-99-99", "2001-99-99"),
        ("=", "="),
        ("<<", "<<"),
        ("'3'", "3"),
        ("!!str 3", "3"),
        ("{a: &x [1], b: *x}", {"a": [1], "b": [1]}),
    ],
)
def test_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    found = read_yaml(text, "`config`")
    assert found == value and type(found) is type(value)


def bomb() -> str:
    """Nine names for each of nine names, twelve times: 9^12 values in 500 characters."""
    lines = [f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 9)}]" for i in range(12)]
    return "\n".join(["a0: &a0 [x]", *lines])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed: 1\nseed: 2", r"the key seed stands twice \(line 2, column 1\)"),
        ("{a: {1: x, 0x1: y}}", "the key 1 stands twice"),
        ("!!int abc", "abc is not of its tag"),
        ("!!bool 1", "1 is not of its tag"),
        ("!!map [1]", "a mapping was expected"),
        ("!!python/object/apply:os.getpid []", "os.getpid is not supported"),
        ("!!binary abc", "is not supported"),
        ("9" * 5000, "a number of more than 64 characters"),
        ("[" * 900, r"more than 40 levels .* \(line 1, column 41\)"),
        ("- " * 900, "more than 40 levels"),
        (bomb(), "more than 200,000 values, those that aliases repeat included"),
        ("[" + "1," * 250_000 + "]", "more than 200,000 values"),
        ("a: &x [*x]", "the alias .x stands for nothing before it"),
        ("? [a]\n: 1", "a key must be a scalar"),
        ("\0", "control characters"),
        ("\udc80", "not UTF-8"),
        ("a: [", "`config` is not YAML: while parsing a flow node"),
        ("--- 1\n--- 2", "not YAML of one document"),
        ("x" * 5_000_000, "too large: at most 4,194,304 characters"),
    ],
)
def test_other_texts_are_refused_shortly_and_at_once(text: str, message: str) -> None:
    began = time.monotonic()
    with pytest.raises(ScaleNetError, match=message) as error:
        read_yaml(text, "`config`")
    assert len(str(error.value)) < 500 and time.monotonic() - began < 5


def test_documents_are_read_apart() -> None:
    assert read_documents("--- &a {x: 1}\n--- [y]", "`file`") == [{"x": 1}, ["y"]]
    with pytest.raises(ScaleNetError, match="stands for nothing"):
        read_documents("--- &a {x: 1}\n--- [*a]", "`file`")


VALUES: dict[str, Any] = {
    "texts": ["1e-3", "yes", "12:30:45", "0o17", "~", "", ".5", "folder:a #2", "a: b", "'", "[", "é"],
    "others": [1e-5, 3, True, None, math.inf, {"x": []}],
}


@pytest.mark.parametrize("write", [write_yaml, one_line])
def test_what_is_written_is_read_alike_by_both_versions_of_yaml(write: Any) -> None:
    assert read_yaml(write(VALUES), "`text`") == VALUES
    assert yaml.safe_load(write(VALUES)) == VALUES
    assert "\n" not in one_line(VALUES)


def test_no_other_module_reads_yaml() -> None:
    root = Path(scalenet_tf.__file__).parents[1]
    own = {root / "scalenet_tf/utils/yaml_text.py", root / "scalenet_tf/serving/family_folder.py"}
    folders = [root / name for name in ("scalenet_tf", "components", "pipelines")]
    sources = {path for folder in folders for path in folder.rglob("*.py")}
    found = [
        path for path in sources - own if re.search(r"yaml\.(safe_|full_)?load", path.read_text("utf-8"))
    ]
    assert len(sources) > 200 and not found  # family_folder.py reads what it has written
