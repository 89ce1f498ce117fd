"""Writes the generated pages of docs/reference/ from docstrings, the command line and the configuration.

    python scripts/write_reference.py            # write the pages
    python scripts/write_reference.py --check    # exit with 1 if a page is out of date

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

import typer
import typer.cli
import typer.main

import scalenet_tf
from scalenet_tf.cli.describe import config_keys
from scalenet_tf.cli.main import app
from scalenet_tf.config import CONFIG_NAMES, RunConfig
from scalenet_tf.utils.files import write_text

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
GENERATED = "`python scripts/write_reference.py` generates this page"
NAMES = f"""# Public names

{GENERATED} from the docstrings; `help(name)` in Python shows
arguments, errors and an example. The names on this page are public; all others are internal and may change.
The documentation site has a page for each package, with signatures and complete docstrings.
"""
COMMAND_LINE = f"{GENERATED} from the help of the commands: `scalenet COMMAND --help` prints the same."
CONFIGURATION = f"""# Configuration keys

{GENERATED}; `scalenet info config` prints the same table, and
`scalenet info config SECTION --config NAME` the values of a configuration.

A configuration is a YAML file with these keys, or one of those that ship: {{names}}.
`--set KEY=VALUE` and `scalenet_tf.load_config` override single keys. Unknown keys are refused, and the
nearest valid one is named; so are keys that stand twice. YAML is read by the rules of version 1.2.
The default is what holds if neither the configuration nor `--set` names the key.
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
    text = cell(text.replace("collections.abc.", ""))
    return f"`{text}`" if len(text) <= 100 else f"A constant of type `{type(value).__name__}`."


def cell(text: str) -> str:
    """Returns text for a cell of a Markdown table."""
    return text.replace("|", "\\|")


def section(package: ModuleType) -> str:
    """Returns the heading, the summary and the table of one package."""
    lines = [f"\n## {package.__name__}\n", summary(package), ""]
    if package.__all__:
        lines += ["| name | |", "|---|---|"]
        lines += [f"| `{name}` | {summary(getattr(package, name))} |" for name in package.__all__]
    return "\n".join(lines).rstrip() + "\n"


def package_page(package: ModuleType) -> str:
    """Returns the page that mkdocstrings fills with the docstrings of a package's public names."""
    lines = [f"<!-- {GENERATED}. -->\n", f"# {package.__name__}\n", summary(package), ""]
    homes = [] if package is not scalenet_tf else packages()[1:]
    table = []
    for name in package.__all__:
        value = getattr(package, name)
        home = next((f"{module.__name__}.{name}" for module in homes if name in module.__all__), None)
        if home:  # a name of `scalenet_tf` is shown in full in the package that it comes from
            table.append(f"| [`{name}`][{home}] | {summary(value)} |")
        elif not inspect.ismodule(value) or value.__name__ not in {module.__name__ for module in homes}:
            lines.append(f"::: {value.__name__ if inspect.ismodule(value) else f'{package.__name__}.{name}'}")
    heading = ["", "| name | |", "|---|---|"] if table else []
    return "\n".join([*lines, *heading, *table]).rstrip() + "\n"


def command_line() -> str:
    """Returns every command with its options, as Typer describes them."""
    command = typer.main.get_command(app)
    context = typer.Context(command, info_name="scalenet")
    text = typer.cli.get_docs_for_click(obj=command, ctx=context, name="scalenet", title="Command line")
    title, _, rest = text.partition("\n")
    return f"{title}\n\n{COMMAND_LINE}\n{rest}".rstrip() + "\n"


def configuration() -> str:
    """Returns every configuration key with its default, its type and its meaning."""
    named = ", ".join(f"`{name}`" for name in CONFIG_NAMES)
    lines = [CONFIGURATION.format(names=named), "| key | default | type | meaning |", "|---|---|---|---|"]
    for key in config_keys(RunConfig()):
        value = f"`{cell(key.value)}`" if key.value else ""
        lines += [f"| `{key.key}` | {value} | {cell(key.type)} | {cell(key.meaning)} |"]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Returns the text of each generated page by its path below docs/reference/."""
    found = {
        "names.md": NAMES + "".join(section(package) for package in packages()),
        "command-line.md": command_line(),
        "configuration.md": configuration(),
    }
    return found | {f"api/{package.__name__}.md": package_page(package) for package in packages()}


def main(arguments: list[str]) -> int:
    wanted = pages()
    if "--check" not in arguments:
        for name, text in wanted.items():
            write_text(FOLDER / name, text)
        return 0
    present = {file.relative_to(FOLDER).as_posix() for file in (FOLDER / "api").glob("*.md")}
    old = [name for name, text in wanted.items() if not is_current(FOLDER / name, text)]
    for name in [*old, *sorted(present - set(wanted))]:
        print(f"{name} is out of date: run python scripts/write_reference.py", file=sys.stderr)
    return 1 if old or present - set(wanted) else 0


def is_current(page: Path, text: str) -> bool:
    return page.is_file() and page.read_text("utf-8") == text


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
