"""The page as Chromium lays it out, on a phone and on a large screen: what sticks out, overlaps or is cut."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html import escape, unescape
from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.report import write_report
from scalenet_tf.run import Run
from tests.helpers.report_runs import add_samples, with_classes

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
WIDTHS = (1280, 400)
LONG = "a_rather_long_name_of_a_class_without_any_blank_{}"
SCRIPT = Path(__file__).parents[1] / "helpers" / "measure_page.js"


def measured(pages: dict[str, Path], folder: Path, *options: str) -> dict[str, Any]:
    """Lays each page out in frames of all widths, and returns what the script measures in them."""
    frames = [
        f'<iframe title="{name} at {width}" width="{width}" height="900" style="border: 0" '
        f'srcdoc="{escape(page.read_text("utf-8"))}"></iframe>'
        for name, page in pages.items()
        for width in WIDTHS
    ]
    harness = folder / "harness.html"
    harness.write_text(
        f"<!doctype html><meta charset=utf-8><script>{SCRIPT.read_text()}</script>{''.join(frames)}"
    )
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={folder / 'profile'}",
    ]
    result = subprocess.run(
        [*command, *options, "--virtual-time-budget=20000", "--dump-dom", harness.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    body = re.search("(?s)<body>(.*)</body>", result.stdout)
    assert body, result.stderr
    found: dict[str, Any] = json.loads(unescape(body[1]))
    return found


@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_nothing_sticks_out_overlaps_or_is_cut(finished_run: Run, tmp_path: Path) -> None:
    add_samples(finished_run)
    many = Run.open(shutil.copytree(finished_run.path, tmp_path / "many"))
    with_classes(many, 120, LONG)
    pages = {"finished": write_report(finished_run).path, "many": write_report(many).path}
    light = measured(pages, tmp_path)
    assert set(light) == {f"{name} at {width}" for name in pages for width in WIDTHS}
    assert {name: found["faults"] for name, found in light.items()} == {name: [] for name in light}
    assert all(found["texts"] > 100 and found["ink"] < 0.3 < found["page"] for found in light.values())


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_a_dark_screen_has_light_letters(finished_run: Run, tmp_path: Path) -> None:
    dark = ("--force-dark-mode", "--blink-settings=preferredColorScheme=0")
    found = measured({"finished": write_report(finished_run).path}, tmp_path, *dark)
    assert all(page["ink"] > 0.8 and page["page"] < 0.2 and not page["faults"] for page in found.values())


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")
def test_the_measurement_sees_faults(finished_run: Run, tmp_path: Path) -> None:
    page = write_report(finished_run).path
    text = page.read_text("utf-8").replace("<main>", '<main><pre style="width: 2000px">wide</pre>')
    page.write_text(text.replace(">S1</text>", ">S1 and everything else about it</text>"))
    found = measured({"broken": page}, tmp_path)
    for faults in (found[f"broken at {width}"]["faults"] for width in WIDTHS):
        assert any("page is 20" in fault for fault in faults)
        assert any("sticks out: PRE wide" in fault for fault in faults)
        assert any("covers S0" in fault for fault in faults)
