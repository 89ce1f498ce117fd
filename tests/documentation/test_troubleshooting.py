"""The errors of docs/troubleshooting.md are those that the sources raise."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import scalenet_tf

ROOT = Path(scalenet_tf.__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
ERRORS = re.findall(r'^### "(.+)"$', PAGE, re.M)


def text_of(node: ast.expr) -> str:
    """The text of a string, with {} in the place of what is filled in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part) for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "{}"


@cache
def texts() -> str:
    files = [file for top in ("scalenet_tf", "pipelines") for file in (ROOT / top).rglob("*.py")]
    nodes = (node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))))
    strings = [text_of(node) for node in nodes if isinstance(node, ast.JoinedStr | ast.Constant)]
    return "\n".join([*strings, (ROOT / "Makefile").read_text("utf-8")])


@pytest.mark.parametrize("error", ERRORS)
def test_the_error_is_raised_somewhere(error: str) -> None:
    assert error in texts()


def test_every_error_is_followed_by_advice() -> None:
    parts = re.split(r"^### .+$", PAGE, flags=re.M)[1:]
    assert len(ERRORS) > 20
    assert not [part for part in parts if len(re.sub(r"^## .*", "", part, flags=re.M).split()) < 12]
