"""`--quiet` and `--verbose`, before or after the command, and stdout kept for JSON."""

from __future__ import annotations

import logging
import re

import pytest

from scalenet_tf.cli import logs
from scalenet_tf.run import Run
from tests.helpers.called import scalenet

LIBRARY = logging.getLogger("scalenet_tf")


@pytest.mark.parametrize("before", [True, False])
def test_quiet_leaves_warnings_and_results(
    before: bool,
    finished_run: Run,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def quietly(*words: str) -> tuple[str, ...]:
        return ("--quiet", *words) if before else (*words, "--quiet")

    run = ("--run", str(finished_run.path))
    assert scalenet(monkeypatch, *quietly("scale", *run)) == 0
    LIBRARY.warning("still seen")
    assert capsys.readouterr() == ("", "still seen\n")
    assert scalenet(monkeypatch, *quietly("report", *run)) == 0
    printed, warned = capsys.readouterr()
    assert (
        re.fullmatch(rf"recommended: S\d\. .*\nreport: {finished_run.report_file}\n", printed) and not warned
    )


def test_by_default_progress_is_shown_and_debugging_is_not(
    family_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scalenet(monkeypatch, "scale", "--run", str(family_run.path)) == 0
    LIBRARY.debug("hidden")
    assert capsys.readouterr().out.endswith(f"next: scalenet retrain --run {family_run.path}\n")


def test_verbose_shows_debugging(
    family_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert scalenet(monkeypatch, "info", "run", str(family_run.path), "--verbose") == 0
    capsys.readouterr()
    LIBRARY.debug("details")
    assert capsys.readouterr() == ("details\n", "")


def test_both_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert scalenet(monkeypatch, "--quiet", "info", "config", "--verbose") == 2
    assert capsys.readouterr().err.startswith("scalenet: --quiet and --verbose exclude each other.")


def test_with_json_every_line_goes_to_stderr(
    family_run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("predict", "shoe.png", "--run", str(family_run.path), "--stage", "0", "--json", "--verbose")
    assert scalenet(monkeypatch, *words) == 2
    LIBRARY.info("a line")
    LIBRARY.debug("details")
    streams = capsys.readouterr()
    assert streams.out == "" and streams.err.endswith("\na line\ndetails\n")


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["train", "--run", "r", "--quiet"], ["--quiet", "train", "--run", "r"]),
        (["predict", "--run", "r", "--", "--quiet"], ["predict", "--run", "r", "--", "--quiet"]),
        ([], []),
    ],
)
def test_options_are_hoisted(given: list[str], found: list[str]) -> None:
    assert logs.hoisted(given) == found


@pytest.mark.parametrize(
    ("quiet", "verbose", "words"),
    [(False, False, []), (True, False, ["--quiet"]), (False, True, ["--verbose"])],
)
def test_the_level_is_handed_on(quiet: bool, verbose: bool, words: list[str]) -> None:
    logs.set_up(quiet=quiet, verbose=verbose)
    assert logs.words() == words
