"""Writes docs/reference.md from the public names and their docstrings, and the configuration's keys.

    python scripts/write_reference.py            # write the page
    python scripts/write_reference.py --check    # exit with 1 if the page is out of date

The public names are those in `__all__` of `scalenet_tf` and of each of its packages; all else is internal.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import scalenet_tf
from scalenet_tf.cli.describe import config_keys
from scalenet_tf.config import RunConfig
from scalenet_tf.utils.files import write_text

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference.md"
INTRODUCTION = """# Reference

`python scripts/write_reference.py` generates this page from the docstrings; `help(name)` in Python shows
arguments, errors and an example. The names on this page are public; all others are internal and may change.
"""


def packages() -> list[ModuleType]:
    """Returns `scalenet_tf` and its packages, in alphabetical order."""
    below = [info.name for info in pkgutil.iter_modules(scalenet_tf.__path__) if info.ispkg]
    return [scalenet_tf, *(importlib.import_module(f"scalenet_tf.{name}") for name in sorted(below))]


def summary(value: Any) -> str:
    """Returns the first paragraph of a docstring, or the definition of a type alias or constant."""
    if inspect.ismodule(value) or inspect.isclass(value) or inspect.isroutine(value):
        return " ".join((inspect.getdoc(value) or "").split("\n\n")[0].split())
    text = str(value).replace("scalenet_tf.space.search_space.", "").replace("typing.", "")
    text = text.replace("collections.abc.", "").replace("|", "\\|")
    return f"`{text}`" if len(text) <= 100 else f"A constant of type `{type(value).__name__}`."


def section(package: ModuleType) -> str:
    """Returns the heading, the summary and the table of one package."""
    lines = [f"\n## {package.__name__}\n", summary(package), ""]
    if package.__all__:
        lines += ["| name | |", "|---|---|"]
        lines += [f"| `{name}` | {summary(getattr(package, name))} |" for name in package.__all__]
    return "\n".join(lines).rstrip() + "\n"


def configuration() -> str:
    """Returns the table of the configuration's keys."""
    rows = [
        f"| `{key.key}` | {_cell(key.value)} | {_cell(key.type)} | {_cell(key.meaning, code=False)} |"
        for key in config_keys(RunConfig())
    ]
    return "\n".join(
        [
            "\n## Configuration\n",
            "Every key with its default, as `scalenet info config` prints them. A YAML file or `--set` gives",
            "them other values.\n",
            "| key | default | type | meaning |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _cell(text: str, code: bool = True) -> str:
    shown = text.replace("|", "\\|")
    return f"`{shown}`" if shown and code else shown


def main(arguments: list[str]) -> int:
    page = INTRODUCTION + "".join(section(package) for package in packages()) + configuration()
    if "--check" not in arguments:
        write_text(PAGE, page)
    elif not PAGE.is_file() or PAGE.read_text("utf-8") != page:
        print(f"{PAGE.name} is out of date: run python scripts/write_reference.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
