"""A run's config.yaml keeps its meaning when keys are added and defaults change."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from scalenet_tf.cli.options import open_run
from scalenet_tf.config import RunConfig, SupernetConfig, load_config, load_run_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run


def earlier_run(folder: Path) -> Run:
    """A run at work that was begun before weights could be shared."""
    run = Run.open_or_create(folder, RunConfig(seed=3, supernet=SupernetConfig(sharing="op")))
    stated = yaml.safe_load((folder / "config.yaml").read_text())
    del stated["supernet"]["sharing"]
    (folder / "config.yaml").write_text(yaml.safe_dump(stated, explicit_start=True, explicit_end=True))
    run.supernet.mkdir()
    return run


def test_a_run_without_the_key_has_weights_for_each_op_whatever_the_default(tmp_path: Path) -> None:
    run = earlier_run(tmp_path)
    config = Run.open(tmp_path).config
    assert config == run.config
    assert config.supernet.sharing == "op"
    assert "sharing" in config.supernet.model_fields_set  # it is no default


@pytest.mark.parametrize("sharing", ["op", "slot"])
def test_a_run_that_states_the_key_keeps_it(tmp_path: Path, sharing: str) -> None:
    config = RunConfig.model_validate({"supernet": {"sharing": sharing}})
    Run.open_or_create(tmp_path, config)
    assert load_run_config(tmp_path / "config.yaml") == config


def test_an_earlier_run_is_resumed_with_overrides_and_not_with_another_sharing(tmp_path: Path) -> None:
    run = earlier_run(tmp_path)
    assert open_run(tmp_path, None, ["supernet.sharing=op"]).config == run.config
    assert open_run(tmp_path, None, ["tpu=mine"]).config.supernet == run.config.supernet
    with pytest.raises(ScaleNetError, match=r"it differs in: supernet.sharing\)"):
        open_run(tmp_path, None, ["supernet.sharing=slot"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("supernet: {shared: true}", r"unknown key `supernet\.shared`"),
        ("supernet: 3", r"`supernet`"),
        ("supernet: {sharing: stage}", r"`supernet\.sharing`: .*Received: 'stage'"),
        ("[1", "is not YAML"),
        ("- 1", "must hold keys and values"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(ScaleNetError, match=message):
        load_run_config(tmp_path / "config.yaml")


def test_a_key_with_a_new_name_is_read_under_its_former_one(tmp_path: Path) -> None:
    config = RunConfig.model_validate({"search": {"halving": 0.5}})
    Run.open_or_create(tmp_path, config)
    file = tmp_path / "config.yaml"
    file.write_text(file.read_text().replace("halving:", "race:"))
    assert "  race: 0.5\n" in file.read_text()
    assert load_run_config(file) == config
    assert load_run_config(file, ["search.halving=1"]).search.halving == 1


def test_a_user_is_told_the_new_name_of_a_key(tmp_path: Path) -> None:
    message = r"`search\.race` is called `search\.halving` now: .*Received: 0\.5"
    with pytest.raises(ScaleNetError, match=message):
        load_config("smoke", ["search.race=0.5"])
    (tmp_path / "config.yaml").write_text("search: {race: 0.5}")
    with pytest.raises(ScaleNetError, match=message):
        load_config(str(tmp_path / "config.yaml"))
    with pytest.raises(ScaleNetError, match=message):
        load_run_config(tmp_path / "config.yaml", ["search.race=0.5"])


@pytest.mark.parametrize(
    ("source", "validation"),
    [("folder:/photos", "train"), ("tfds:mnist", "train"), ("tfrecord:/records", "own"), ("bundled", "own")],
)
def test_an_earlier_run_keeps_its_validation_images(tmp_path: Path, source: str, validation: str) -> None:
    """Of a folder or a set of TFDS, a validation split beside a test split was left out."""
    stated = yaml.safe_load(RunConfig.model_validate({"data": {"source": source}}).to_yaml())
    stated["plan"] = {"report": None}
    del stated["data"]["validation"]
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(stated, sort_keys=False))
    assert load_run_config(tmp_path / "config.yaml").data.validation == validation
    stated["data"]["validation"] = "own"
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(stated, sort_keys=False))
    assert load_run_config(tmp_path / "config.yaml").data.validation == "own"


def test_a_file_that_was_cut_anywhere_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path, RunConfig(seed=3))
    whole = run.config_file.read_bytes()
    ends = [place for place, byte in enumerate(whole) if byte == ord("\n")][::4]
    # Without its very last newline it is still whole.
    for size in {*range(0, 24), *ends[:-1], *range(len(whole) - 24, len(whole) - 1)}:
        run.config_file.write_bytes(whole[:size])
        with pytest.raises(ScaleNetError, match=r"config\.yaml"):
            load_run_config(run.config_file)
    run.config_file.write_bytes(whole)
    assert load_run_config(run.config_file) == run.config


def test_a_cut_file_of_an_earlier_version_is_refused_and_a_whole_one_is_read(tmp_path: Path) -> None:
    config = RunConfig(seed=3)
    stated = {**config.model_dump(mode="json"), "plan": {"train": 85, "report": None}}
    lines = yaml.safe_dump(stated, sort_keys=False).splitlines(keepends=True)
    file = tmp_path / "config.yaml"
    for count in range(len(lines)):
        file.write_text("".join(lines[:count]))
        with pytest.raises(ScaleNetError, match=r"config\.yaml"):
            load_run_config(file)
    file.write_text("".join(lines))
    assert load_run_config(file) == config
