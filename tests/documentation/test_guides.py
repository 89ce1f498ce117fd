"""The code of the guides: Python that parses, and files that load."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import pytest

import scalenet_tf
from scalenet_tf.cli.describe_space import feasible_scalings
from scalenet_tf.presets import load_space
from scalenet_tf.presets.spaces import parse_space
from scalenet_tf.sampling.feasible import check_base_budget

ROOT = Path(scalenet_tf.__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", ROOT / "DESCRIPTION.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCKS = [
    (page.relative_to(ROOT).as_posix(), textwrap.dedent(code))
    for page in PAGES
    for code in re.findall(r"^ *```python\n(.*?)^ *```", page.read_text("utf-8"), re.M | re.S)
]


@pytest.mark.parametrize(("page", "code"), BLOCKS, ids=[page for page, _ in BLOCKS])
def test_python_is_valid_and_names_public_names(page: str, code: str) -> None:
    ast.parse(code)
    named = set(re.findall(r"\bsn\.([A-Za-z]\w+)", code))
    assert named <= set(scalenet_tf.__all__)


def test_the_space_of_the_guide_loads_and_its_budget_can_be_met(tmp_path: Path) -> None:
    page = (ROOT / "docs/guides/space.md").read_text("utf-8")
    [text] = re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S)
    (tmp_path / "space.yaml").write_text(text, "utf-8")
    space = load_space(str(tmp_path / "space.yaml"))
    check_base_budget(space)
    assert all(feasible_scalings(space))


def test_the_space_of_the_guide_in_python_is_the_one_of_its_file() -> None:
    page = (ROOT / "docs/guides/space.md").read_text("utf-8")
    [text] = re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S)
    names = {"sn": scalenet_tf}
    exec(re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)[1], names)
    made = names["space"]
    assert isinstance(made, scalenet_tf.SearchSpace)
    assert made.for_data(3, 10) == parse_space(text)


def test_each_habit_of_keras_users_names_tests_that_exist() -> None:
    page = (ROOT / "docs/guides/keras.md").read_text("utf-8")
    rows = [line.strip("|").split("|") for line in page.splitlines() if line.startswith("| ")][1:]
    habits = {row[0].strip(): (row[4].strip(), re.findall(r"`(tests/\S+)`", row[5])) for row in rows}
    assert len(habits) >= 15
    for habit, (here, tests) in habits.items():
        assert all((ROOT / test).exists() for test in tests), habit
        assert tests or here.startswith("no:"), habit
