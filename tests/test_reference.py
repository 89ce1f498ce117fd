"""The public names: where they are declared, their docstrings, and their page."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import runpy
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import scalenet_tf
from scalenet_tf import errors

ROOT = Path(scalenet_tf.__file__).resolve().parents[1]
PACKAGES = [info.name for info in pkgutil.iter_modules(scalenet_tf.__path__) if info.ispkg]
SOURCES = [
    file for top in ("scalenet_tf", "components", "pipelines") for file in sorted((ROOT / top).rglob("*.py"))
]

# Words that begin a phrase which only makes sense with the name before it, and an argument's name.
FRAGMENT = "(As|By|From|How|Its|Of|That|Their|What|Where|Which|Whose) "
ARGUMENT = r" +\*{0,2}\w+(?:, \w+)*: "


def public_values() -> list[tuple[str, Any]]:
    modules = [scalenet_tf, *(importlib.import_module(f"scalenet_tf.{name}") for name in PACKAGES)]
    values = {
        f"{module.__name__}.{name}": getattr(module, name) for module in modules for name in module.__all__
    }
    return sorted(values.items())


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_declares_its_public_names_and_no_module_hides_one(package: str) -> None:
    module = importlib.import_module(f"scalenet_tf.{package}")
    modules = {info.name for info in pkgutil.iter_modules(module.__path__)}
    assert not set(module.__all__) & modules
    assert all(hasattr(module, name) for name in module.__all__)


def test_the_reference_lists_every_public_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["write_reference.py", "--check"])
    with pytest.raises(SystemExit) as end:
        runpy.run_path(str(ROOT / "scripts" / "write_reference.py"), run_name="__main__")
    assert end.value.code == 0, capsys.readouterr().err


def test_every_public_function_describes_each_argument() -> None:
    missing = []
    for name, value in public_values():
        if not inspect.isroutine(value):
            continue
        text = inspect.getdoc(value) or ""
        described = set(re.findall(r"^ +\*{0,2}(\w+)(?: \([^)]*\))?: ", text, re.M))
        missing += [
            f"{name}: {word}" for word in inspect.signature(value).parameters if word not in described
        ]
    assert not missing


def test_every_public_function_that_takes_a_run_takes_its_path(tmp_path: Path) -> None:
    """A path without a run shows it: it is told apart from one with a run before anything else is done."""
    taking = [
        (name, value)
        for name, value in public_values()
        if inspect.isfunction(value) and re.match(r"Run(Folder)?\b", str(parameters(value).get("run", "")))
    ]
    assert len(taking) > 20
    for name, function in taking:
        if name.endswith(".search_family"):  # which begins a run
            continue
        assert re.fullmatch(r"Run(Folder)? \| str \| Path", parameters(function)["run"]), name
        needed = [
            word
            for word, given in inspect.signature(function).parameters.items()
            if given.default is inspect.Parameter.empty and word != "run"
        ]
        with pytest.raises(errors.ScaleNetError, match=r"`run` must be the directory of a run") as error:
            function(run=str(tmp_path), **dict.fromkeys(needed, 0))
        assert str(tmp_path) in str(error.value), name


def parameters(function: Any) -> dict[str, Any]:
    return {name: given.annotation for name, given in inspect.signature(function).parameters.items()}


def raises_an_error(function: Any) -> bool:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    raised = [node.exc for node in ast.walk(tree) if isinstance(node, ast.Raise)]
    names = {
        node.func.id for node in raised if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    return any(issubclass(getattr(errors, name, object), errors.ScaleNetError) for name in names)


def test_every_public_function_that_raises_says_so() -> None:
    functions = [(name, value) for name, value in public_values() if inspect.isroutine(value)]
    raising = [(name, value) for name, value in functions if raises_an_error(value)]
    assert raising
    assert not [name for name, value in raising if "\nRaises:" not in (inspect.getdoc(value) or "")]


def test_every_public_class_has_a_docstring_of_its_own() -> None:
    classes = [(name, value) for name, value in public_values() if inspect.isclass(value)]
    assert classes
    assert not [name for name, value in classes if not vars(value).get("__doc__")]


def docstrings(file: Path) -> list[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, kinds)]
    return [text for node in nodes if (text := ast.get_docstring(node))]


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_a_docstring_stands_alone(file: Path) -> None:
    fragments = [
        line.strip()
        for text in docstrings(file)
        for number, line in enumerate(text.splitlines())
        if re.match(ARGUMENT + FRAGMENT, line) or (number == 0 and re.match(FRAGMENT, line))
    ]
    assert not fragments
