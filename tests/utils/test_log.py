"""Log lines: who sees them, on which stream, and that the library prints nothing."""

from __future__ import annotations

import ast
import io
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

import scalenet_tf
from scalenet_tf.utils.log import enable_logging, silent
from scalenet_tf.utils.progress import bar_console, hidden, step_bar

# Processes whose stdout is their answer.
ANSWERING = {"profiling/child.py"}
EMIT = (
    "logger = logging.getLogger('scalenet_tf.training.loop')\n"
    "logger.info('a line')\n"
    "logger.warning('a warning')\n"
)


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_the_library_prints_nothing() -> None:
    root = Path(scalenet_tf.__file__).parent
    found = {
        file.relative_to(root).as_posix()
        for file in root.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Name) and node.id == "print"
    }
    assert {file for file in found if not file.startswith("cli/")} == ANSWERING


def test_a_program_that_sets_nothing_up_sees_warnings_alone() -> None:
    done = run_python(f"import logging, scalenet_tf\n{EMIT}")
    assert (done.stdout, done.stderr) == ("", "a warning\n")


def test_a_program_with_logging_of_its_own_gets_the_records() -> None:
    done = run_python(
        "import logging, scalenet_tf, sys\n"
        "logging.basicConfig(level='INFO', format='%(name)s %(levelname)s %(message)s', stream=sys.stdout)\n"
        f"{EMIT}"
    )
    name = "scalenet_tf.training.loop"
    assert done.stdout == f"{name} INFO a line\n{name} WARNING a warning\n"


def test_enabled_twice_a_line_is_shown_once(capsys: pytest.CaptureFixture[str]) -> None:
    scalenet_tf.enable_logging()
    scalenet_tf.enable_logging("INFO")
    logger = logging.getLogger("scalenet_tf.search.step")
    logger.debug("hidden")
    logger.info("50%% of %s", "it")
    logger.warning("[a] %s", "b")
    assert capsys.readouterr() == ("50% of it\n", "[a] b\n")


def test_all_lines_can_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    enable_logging("DEBUG", stderr=True)
    logging.getLogger("scalenet_tf").debug("details")
    assert capsys.readouterr() == ("", "details\n")


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(ValueError, match="LOUD"):
        enable_logging("LOUD")


def test_a_closed_pipe_ends_the_program() -> None:
    code = "import scalenet_tf, logging\nscalenet_tf.enable_logging()\nwhile True: " + EMIT.splitlines()[1]
    code = f"import logging\nlogger = logging.getLogger('scalenet_tf')\n{code}"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "a line\n"
    process.stdout.close()
    assert process.wait(timeout=60) != 0
    process.stderr.close()  # type: ignore[union-attr]


def test_lines_stand_above_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    enable_logging()
    console = Console(file=out, force_terminal=True, width=80)
    bar = step_bar(console)
    with bar:
        bar.add_task("training", total=3, results="")
        logging.getLogger("scalenet_tf").info("a [line]")
    shown = out.getvalue()
    assert shown.index("a [line]\n") < shown.rindex("training")


def test_bars_are_hidden_above_info_and_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Console(file=io.StringIO(), force_terminal=True)
    with monkeypatch.context() as patch:
        patch.setenv("FORCE_COLOR", "1")  # as in many builds, whose output is a file
        assert hidden(bar_console()) and hidden(bar_console(stderr=True))
    assert not hidden(terminal) and hidden(Console(file=io.StringIO()))
    enable_logging("WARNING")
    assert hidden(terminal)


def test_a_silent_block_shows_no_bars_and_warnings_alone(capsys: pytest.CaptureFixture[str]) -> None:
    terminal, logger, records = (
        Console(file=io.StringIO(), force_terminal=True),
        logging.getLogger("scalenet_tf"),
        [],
    )
    enable_logging()
    own = logging.Handler()
    own.emit = records.append  # type: ignore[method-assign]
    logger.addHandler(own)
    with silent():
        assert hidden(terminal)
        logger.info("hidden")
        logger.warning("shown")
    assert not hidden(terminal)
    logger.info("after")
    written = capsys.readouterr()
    assert (written.out, written.err) == ("after\n", "shown\n")
    assert [record.getMessage() for record in records] == ["hidden", "shown", "after"]  # as a user's file
