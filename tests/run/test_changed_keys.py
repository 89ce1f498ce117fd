"""A run goes on with its own copies of files that changed, unless they are named again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scalenet_tf.cli.options import open_run
from scalenet_tf.config import RunConfig, load_config
from scalenet_tf.distribute.cluster import Cluster
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from scalenet_tf.run.changed_keys import names_copied_files, warn_of_changed_files
from scalenet_tf.space.latency_table import write_table
from scalenet_tf.utils import files
from tests.helpers.made_up import made_up_table
from tests.helpers.networks import TINY_SPACE
from tests.helpers.tiny_search import new_run, search

TABLE = made_up_table(load_space("small"))
OTHER_TABLE = TABLE.model_copy(update={"blocks": {**TABLE.blocks, next(iter(TABLE.blocks)): 9.0}})


def begun(path: Path, config: RunConfig) -> Run:
    run = Run.open_or_create(path, config)
    run.supernet.mkdir()
    return run


def with_space(tmp_path: Path) -> tuple[Run, str]:
    file = files.write_text(tmp_path / "tiny.yaml", TINY_SPACE)
    run = begun(tmp_path / "run", load_config("smoke", [f"space={file}"]))
    file.write_text(TINY_SPACE.replace("head_width: 32", "head_width: 40"))
    return run, f"space={file}"


def with_table(tmp_path: Path) -> tuple[Run, str]:
    file = write_table(tmp_path / "latency.json", TABLE, {})
    run = begun(tmp_path / "run", load_config("smoke", [f"ladder.latency_table={file}"]))
    write_table(file, OTHER_TABLE, {})
    return run, f"ladder.latency_table={file}"


def with_start(tmp_path: Path) -> tuple[Run, str]:
    first = new_run(tmp_path / "first")
    search(first)
    run = begun(tmp_path / "run", warm(first))
    result = files.read_json(first.search_result_file)
    files.write_json(first.search_result_file, {**result, "archive": []})
    return run, f"search.warm_start={first.path}"


def warm(first: Run) -> RunConfig:
    changed = first.config.search.model_copy(update={"warm_start": str(first.path)})
    return first.config.model_copy(update={"search": changed})


@pytest.mark.parametrize("changed", [with_space, with_table, with_start])
def test_a_run_goes_on_without_options_and_says_so(changed, tmp_path: Path, caplog) -> None:
    run, named = changed(tmp_path)
    key = named.partition("=")[0]
    own = run.space(), run.warm_start()
    for opened in (
        open_run(run.path, None, []),
        open_run(run.path, None, ["tpu=x"]),
        open_run(run.path, None, ["tpu=x"], Cluster(("a:1", "b:1"), 1)),
        Run.open_or_create(run.path, Run.open(run.path).config, own_files=True),
    ):
        with opened.training_lock():
            assert (opened.space(), opened.warm_start()) == own
    warn_of_changed_files(run)
    assert f"what `{key}` names has changed since the run" in caplog.text
    with pytest.raises(ScaleNetError, match=r"it differs in: (space|search\.warm_start)\)"):
        open_run(run.path, None, [named])


def test_without_options_another_key_is_still_refused_and_no_file_is_needed(tmp_path: Path) -> None:
    run, _ = with_table(tmp_path)
    (tmp_path / "latency.json").unlink()
    with pytest.raises(ScaleNetError, match=r"it differs in: ladder.macs, seed\)"):
        open_run(run.path, None, ["seed=9", "ladder.macs=3000000"])


def test_a_run_that_was_not_changed_warns_of_nothing(tmp_path: Path, caplog) -> None:
    run = begun(tmp_path / "run", load_config("smoke"))
    warn_of_changed_files(run)
    assert not caplog.records


def test_a_warm_start_whose_search_goes_on_stops_no_run(tmp_path: Path) -> None:
    first = new_run(tmp_path / "first")
    search(first)
    run = begun(tmp_path / "run", warm(first))
    first.search_result_file.unlink()  # as `scalenet search --rounds` does
    assert Run.open_or_create(run.path, run.config) == run
    shutil.rmtree(first.path)
    assert Run.open_or_create(run.path, run.config).warm_start() == run.warm_start()


@pytest.mark.parametrize(
    ("keys", "named"),
    [
        (["ladder.latency_table"], True),
        (["ladder"], True),
        (["seed", "search"], True),
        (["ladder.macs", "seed", "data.source", "spaces"], False),
    ],
)
def test_keys_that_name_a_copied_file(keys: list[str], named: bool) -> None:
    assert names_copied_files(keys) == named
