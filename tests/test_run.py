from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.config import RunConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run


def test_a_run_is_begun_once_and_opened_again(tmp_path: Path) -> None:
    config = RunConfig(seed=3)
    run = Run.open_or_create(tmp_path / "runs" / "first run", config)
    assert Run.open(run.path) == Run.open_or_create(run.path, config) == run
    assert run.config.seed == 3


def test_a_run_is_never_begun_over_another_one(tmp_path: Path) -> None:
    Run.open_or_create(tmp_path, RunConfig())
    with pytest.raises(ScaleNetError, match=r"another configuration \(it differs in: seed, space\).*--run"):
        Run.open_or_create(tmp_path, RunConfig(seed=1, space="paper"))
    assert Run.open(tmp_path).config == RunConfig()


def test_a_run_is_never_begun_over_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("dear reader")
    with pytest.raises(ScaleNetError, match=r"holds other files. Give an empty or new directory"):
        Run.open_or_create(tmp_path, RunConfig())


def test_no_run(tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match=r"must be the directory of a run.*Begin one with: scalenet"):
        Run.open(tmp_path)


def test_paths_lie_in_the_run(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "run", RunConfig())
    paths = {run.supernet, run.search, run.family_file, run.member(0), run.member(1), run.report_file}
    assert len(paths) == 6 and all(path.is_relative_to(run.path) for path in paths)
