"""The live table of a run in a notebook, shown by a real shell of IPython."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from scalenet_tf.run import Run
from scalenet_tf.run.metrics import trained_metrics
from scalenet_tf.run.progress_rows import read_history, read_training_log
from scalenet_tf.search.finished_trial import FinishedTrial
from scalenet_tf.tracking.events import job_step
from scalenet_tf.tracking.notebook import NotebookProgress, in_notebook

pytest.importorskip("IPython")


@pytest.fixture
def outputs() -> Iterator[list[dict[str, Any]]]:
    """What a cell shows, in order."""
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    before, shell.display_pub = shell.display_pub, CapturingDisplayPublisher()
    yield shell.display_pub.outputs
    shell.display_pub = before
    InteractiveShell.clear_instance()


def test_one_table_is_updated(finished_run: Run, outputs: list[dict[str, Any]]) -> None:
    now = 0.0
    bar = NotebookProgress(clock=lambda: now)
    rows = read_training_log(finished_run.supernet_log_file)
    with job_step(finished_run, "train", [bar]) as events:
        for row in rows:
            now += 0.2
            events.supernet_log(row)
    with job_step(finished_run, "search", [bar]) as events:
        now += 1
        events.trial_end(FinishedTrial(11, 1, {}, 100, 0.625, progress=0.25))
    with job_step(finished_run, "retrain", [bar]) as events:
        now += 1
        events.epoch_end("s1", read_history(finished_run.member_files(1).history)[0])
        events.member_end("s1", trained_metrics(finished_run, 1))
    pages = [output["data"]["text/html"] for output in outputs]
    assert [output.get("update", False) for output in outputs] == [False] + [True] * (len(outputs) - 1)
    assert len({output["transient"]["display_id"] for output in outputs}) == 1
    assert len(pages) < 2 * 3 + len(rows)  # not one for each row
    assert any('<td>search</td><td><progress value="0.2500"' in page for page in pages)
    assert "12 trials, best S1 62.5%" in pages[-1]
    assert f"step 1,000 of {finished_run.config.supernet.steps:,}" in pages[-1]
    assert "s1: test accuracy 85.3%" in pages[-1] and pages[-1].count("<progress") == 3
    assert pages[-1].count('value="1.0000"') == 3


def test_a_kernel_is_a_notebook_and_a_terminal_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for shell, expected in ((None, False), (SimpleNamespace(), False), (SimpleNamespace(kernel=1), True)):
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda shell=shell: shell))
        assert in_notebook() == expected
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_notebook()


def test_a_run_is_a_table(finished_run: Run) -> None:
    html = finished_run._repr_html_()
    assert f"<td>{finished_run.path}</td>" in html
    assert "<td>train, search, scale</td>" in html and "<td>s0, s1, s2, s3</td>" in html
