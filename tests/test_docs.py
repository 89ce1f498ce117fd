"""The documentation names only files, modules, configuration keys and commands that exist."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from pydantic import BaseModel

import scalenet_tf
from scalenet_tf.cli.main import app
from scalenet_tf.config import RunConfig

ROOT = Path(__file__).parents[1]
CHANGELOG = ROOT / "CHANGELOG.md"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "studies/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "components").glob("*/README.md")),
]
SOURCES = ("scalenet_tf", "components", "pipelines", "benchmarks", "studies", "tests", "scripts", "docs")
# Pages about the code; on the others many names are those of other projects.
CODE_PAGES = [*(f"explanation/{name}" for name in ("architecture", "deviations", "search", "supernet"))]
CODE_PAGES += ["reference/run-directory"]
LINE_LENGTH = 120
PAGE_LENGTH = 200


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def is_generated(page: Path) -> bool:
    return "scripts/write_reference.py` generates this page" in page.read_text("utf-8")


# The changelog may name what is gone.
pages = pytest.mark.parametrize("page", [*PAGES, CHANGELOG], ids=name_of)
current_pages = pytest.mark.parametrize("page", PAGES, ids=name_of)


def code_of(page: Path) -> list[str]:
    """The inline code of a page and its code blocks."""
    text = page.read_text("utf-8")
    fenced = re.findall(r"^ *```.*?^ *```", text, re.M | re.S)
    indented = re.findall(r"(?:^ {4,}\S.*\n)+", text, re.M)
    return [*fenced, *indented, *re.findall(r"`([^`\n]+)`", text)]


def words_of(page: Path) -> list[str]:
    """Each word of inline code that may be a path or a dotted name, without its call and punctuation."""
    inline = re.findall(r"`([^`\n]+)`", page.read_text("utf-8"))
    return [word.partition("(")[0].strip(".,:;'\"") for code in inline for word in code.split()]


def packages() -> set[str]:
    return {file.parent.name for file in (ROOT / "scalenet_tf").glob("*/__init__.py")}


def is_file(path: str) -> bool:
    """Whether a path from the repository's root or from scalenet_tf/ exists; * stands for any names."""
    roots = (ROOT, ROOT / "scalenet_tf")
    return any(next(root.glob(path.rstrip("/")), None) is not None for root in roots)


@functools.cache
def names_in(file: Path) -> set[str]:
    """What a module defines or imports at its top level, and the public names of the package."""
    names = {"__all__", *scalenet_tf.__all__} if file.parent == ROOT / "scalenet_tf" else set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            names.add(node.id if isinstance(node, ast.Name) else node.attr)
    return names


def is_module_or_name(dotted: str) -> bool:
    """Whether a dotted name leads through packages to a module, or to something in one."""
    place = ROOT
    parts = dotted.split(".")
    for number, part in enumerate(parts):
        if (place / part).is_dir():
            place /= part
            continue
        file = place / f"{part}.py"
        if file.is_file():
            return all(name in names_in(file) for name in parts[number + 1 :])
        return (place / "__init__.py").is_file() and part in names_in(place / "__init__.py")
    return True


def is_setting(dotted: str) -> bool:
    """Whether a dotted name is a key of the configuration."""
    model: type[BaseModel] | None = RunConfig
    for part in dotted.split("."):
        if model is None or part not in model.model_fields:
            return False
        kind = model.model_fields[part].annotation
        model = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
    return True


@functools.cache
def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pages
def test_relative_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if re.match(r"\w+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors_of(linked), target


@current_pages
def test_paths_of_sources_exist(page: Path) -> None:
    missing = [
        word
        for word in words_of(page)
        if word.endswith(".py")
        or ("/" in word and word.split("/")[0] in SOURCES)
        or (word.endswith(".yaml") and word.split("/")[0] in packages())
        if not is_file(word)
    ]
    assert not missing


@current_pages
def test_dotted_names_are_modules_or_settings(page: Path) -> None:
    wrong = []
    for word in words_of(page):
        name = word.partition("=")[0]
        first, dot, last = name.partition(".")
        if not dot or not re.fullmatch(r"[\w.]+", name) or last in ("json", "yaml", "html", "py", "config"):
            continue
        if first in (*SOURCES, *packages(), *RunConfig.model_fields):
            inside = name if first in SOURCES else f"scalenet_tf.{name}"
            wrong += [] if is_setting(name) or is_module_or_name(inside) else [word]
    assert not wrong


@pytest.fixture(scope="session")
def source_words() -> set[str]:
    """Every word of the sources and tests, this file apart."""
    files = (file for folder in SOURCES for file in (ROOT / folder).rglob("*.py") if file != Path(__file__))
    return set(re.findall(r"\w+", " ".join(file.read_text("utf-8") for file in files)))


@pytest.mark.parametrize("page", CODE_PAGES)
def test_names_occur_in_the_sources(page: str, source_words: set[str]) -> None:
    words = words_of(ROOT / "docs" / f"{page}.md")
    names = [word for word in words if re.fullmatch(r"[A-Z]+[a-z]\w+|[a-z]+_\w+|[A-Z]+_\w+", word)]
    assert [name for name in names if name not in source_words] == []


def settings_in(code: str) -> Iterator[str]:
    # KEY=VALUE stands for any of them.
    yield from re.findall(r"--set[ =][\"']?(?!KEY=VALUE)([\w.]+)=", code)


@functools.cache
def commands_of_scalenet() -> set[str]:
    return set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


@current_pages
def test_commands_and_their_settings_exist(page: Path) -> None:
    for code in code_of(page):
        named = re.findall(r"(?:^|&& |exec |-- )\s*scalenet ([a-z][\w-]*)", code, re.M)
        assert set(named) <= commands_of_scalenet(), named
        assert [key for key in settings_in(code) if not is_setting(key)] == []
        modules = [m for m in re.findall(r"python -m ([\w.]+)", code) if m.split(".")[0] in SOURCES]
        assert [module for module in modules if not is_module_or_name(module)] == []


@pages
def test_lines_of_prose_are_not_too_long(page: Path) -> None:
    text = re.sub(r"^ *```.*?^ *```", "", page.read_text("utf-8"), flags=re.M | re.S)
    long = [
        line for line in text.splitlines() if len(line) > LINE_LENGTH and not line.startswith(("|", "    "))
    ]
    assert is_generated(page) or not long


@current_pages
def test_a_page_can_be_read_at_once(page: Path) -> None:
    assert is_generated(page) or page.read_text("utf-8").count("\n") <= PAGE_LENGTH


def test_the_changelog_has_a_section_for_this_version() -> None:
    text = CHANGELOG.read_text("utf-8")
    assert "## [Unreleased]" in text
    assert re.search(rf"^## \[{re.escape(scalenet_tf.__version__)}\]", text, re.M)
