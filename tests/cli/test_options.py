from __future__ import annotations

from pathlib import Path

import pytest

from scalenet_tf.cli.options import open_run, overrides
from scalenet_tf.config import load_config
from scalenet_tf.errors import ScaleNetError


def short(**given: object) -> list[str]:
    values = {"data": None, "seed": None, "fast": False, "strategy": None, "tpu": None, **given}
    return overrides(["search.rounds=4"], **values)  # type: ignore[arg-type]


def test_short_options_stand_for_keys() -> None:
    assert short(data="folder:a b", seed=0, fast=True, strategy="mirrored") == [
        "search.rounds=4",
        'data.source="folder:a b"',
        "seed=0",
        "fast=true",
        'strategy="mirrored"',
    ]
    assert short() == ["search.rounds=4"]


@pytest.mark.parametrize("name", ["a b", "scans #2", "mine: all", "Ä"])
def test_short_options_reach_the_configuration(name: str, tmp_path: Path) -> None:
    source = f"folder:{tmp_path / name}"
    (tmp_path / name).mkdir()
    run = open_run(tmp_path / "r", "smoke", short(data=source, seed=5, fast=True))
    assert (run.config.data.source, run.config.seed, run.config.fast) == (source, 5, True)


def test_a_run_is_opened_without_config(tmp_path: Path) -> None:
    begun = open_run(tmp_path / "r", "smoke", ["seed=3"])
    assert open_run(tmp_path / "r", None, []) == begun
    assert open_run(tmp_path / "r", None, ["seed=3"]) == begun
    assert open_run(tmp_path / "r", "smoke", ["seed=3"]) == begun


def test_a_run_is_never_changed(tmp_path: Path) -> None:
    open_run(tmp_path / "r", "smoke", []).supernet.mkdir()
    for config, given in ((None, ["seed=4"]), ("smoke", ["seed=4"]), ("quickstart", [])):
        with pytest.raises(ScaleNetError, match="created with another configuration"):
            open_run(tmp_path / "r", config, given)


def test_a_new_run_needs_a_config(tmp_path: Path) -> None:
    with pytest.raises(ScaleNetError, match="so --config is needed: a name such as quickstart"):
        open_run(tmp_path / "r", None, ["seed=4"])
    assert not (tmp_path / "r").exists()
    bundled = open_run(tmp_path / "r", None, ["data.source=bundled", "seed=4"])
    assert bundled.config == load_config("quickstart", ["seed=4"])
