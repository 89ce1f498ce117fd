"""The documentation site is built, strictly: every link, anchor and public name has to be found."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

import scalenet_tf

ROOT = Path(scalenet_tf.__file__).resolve().parents[1]
EXTRA = ("mkdocs", "material", "mkdocs_jupyter", "mkdocstrings_handlers.python")


def is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


needs_docs = pytest.mark.skipif(
    not all(map(is_installed, EXTRA)), reason='the extra `docs` is not installed: pip install ".[docs]"'
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    # The theme announces the next version of MkDocs in every build.
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@needs_docs
def test_every_page_is_in_the_site(site: Path) -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *(ROOT / "docs").rglob("*.ipynb")]
    missing = [
        page for page in pages if not (site / page.relative_to(ROOT / "docs").with_suffix(".html")).is_file()
    ]
    assert len(pages) > 50 and not missing


@needs_docs
def test_docstrings_are_on_the_pages(site: Path) -> None:
    page = unescape(re.sub(r"<[^>]+>", "", (site / "reference/api/scalenet_tf.api.html").read_text("utf-8")))
    assert "Searches, trains and exports a family of image models." in page
    assert "Most multiply-adds of the largest member" in page


@needs_docs
def test_the_site_loads_nothing_from_elsewhere(site: Path) -> None:
    text = (site / "index.html").read_text("utf-8")
    loaded = re.findall(
        r'<(?:script|img|link rel="(?:stylesheet|preconnect)")[^>]*(?:src|href)="([^"]+)"', text
    )
    assert loaded and not [address for address in loaded if address.startswith(("http", "//"))]
