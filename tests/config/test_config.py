from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from scalenet_tf.compress.options import CompressOptions
from scalenet_tf.config import CONFIG_NAMES, RunConfig, load_config, override_texts, update_config
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.presets import SPACE_NAMES as SPACES


@pytest.mark.parametrize("name", CONFIG_NAMES)
def test_named_configurations_load(name: str) -> None:
    config = load_config(name)
    assert config.space in SPACES
    assert RunConfig.model_validate(yaml.safe_load(config.to_yaml())) == config


def test_a_file_and_overrides(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("space: paper\nsearch: {rounds: 7}\n")
    config = load_config(
        str(file),
        ["search.population=32", "supernet.learning_rate=1e-3", "supernet.stage_weights=[1, 0.5]", "seed=3"],
    )
    assert (config.space, config.seed, config.search.rounds, config.search.population) == ("paper", 3, 7, 32)
    assert config.supernet.learning_rate == 0.001 and config.supernet.stage_weights == (1.0, 0.5)
    assert config.members == RunConfig().members


def test_an_empty_file_is_the_defaults(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("# nothing\n")
    assert load_config(str(tmp_path / "empty.yaml")) == RunConfig()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("search.round=4", r"unknown key `search.round`; valid here: .*Did you mean 'rounds'\?"),
        ("serach.rounds=4", r"unknown key `serach`; .*Did you mean 'search'\?"),
        ("epochs=3", r"unknown key `epochs`; .*Did you mean 'members\.epochs'\?"),
        ("batch_size=3", r"Did you mean 'supernet\.batch_size' or .*'members\.batch_size'\?"),
        ("data.flip=true", r"unknown key `data.flip`.*Did you mean 'data\.augmentation\.flip'\?"),
        ("data.augmentation.flipp=true", r"unknown key `data.augmentation.flipp`.*Did you mean 'flip'\?"),
        ("search.rounds=0", r"`search.rounds`: .*greater than or equal to 1. Received: 0"),
        ("search.rounds=many", r"`search.rounds`: .*Received: 'many'"),
        ("search.rounds", r"`--set` takes KEY=VALUE.*Received: 'search.rounds'"),
        ("search=[1", r"`--set search=\[1`: '\[1' is not YAML"),
        ("seed.deep=4", r"'seed' is a value, not a section"),
        ("supernet.stage_weights=widht", r"`supernet.stage_weights"),
    ],
)
def test_mistakes_are_named(override: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("seed: 1\n")
    with pytest.raises(ScaleNetError, match=message):
        load_config(str(tmp_path / "mine.yaml"), [override])


@pytest.mark.parametrize(
    ("text", "message"), [("- 1", "must hold keys and values. Received: list"), ("a: [", "is not YAML")]
)
def test_files_that_are_no_configuration(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(text)
    with pytest.raises(ScaleNetError, match=message):
        load_config(str(tmp_path / "mine.yaml"))


def test_an_unknown_name() -> None:
    with pytest.raises(ScaleNetError, match=r"Received: 'quickstrat'\. Did you mean 'quickstart'\?"):
        load_config("quickstrat")


def test_the_command_line_does_not_run_yaml(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("seed: !!python/object/apply:os.getpid []\n")
    with pytest.raises(ScaleNetError, match="is not YAML"):
        load_config(str(tmp_path / "mine.yaml"))


def fields(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, str | None]]:
    """Every key of a section with its description, sections included."""
    for name, field in model.model_fields.items():
        yield f"{path}{name}", field.description
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from fields(field.annotation, f"{path}{name}.")


@pytest.mark.parametrize("model", [RunConfig, CompressOptions])
def test_every_key_has_a_description_of_whole_sentences(model: type[BaseModel]) -> None:
    described = dict(fields(model))
    assert len(described) >= 7
    wrong = [key for key, text in described.items() if not text or not text[0].isupper() or text[-1] != "."]
    assert not wrong
    fragments = ("Of ", "Whose ", "That ", "By ", "What ", "Which ")
    assert not [key for key, text in described.items() if str(text).startswith(fragments)]


def test_configurations_are_frozen() -> None:
    config: Any = RunConfig()
    with pytest.raises(ValueError, match="frozen"):
        config.seed = 1


@pytest.mark.parametrize("source", ["folder:photos #2", "folder:a: b", "folder:- x", "folder:é|>"])
def test_a_text_is_taken_as_it_stands(source: str) -> None:
    assert load_config("smoke", [f"data.source={source}"]).data.source == source
    assert load_config("smoke", override_texts({"data.source": source})).data.source == source


def test_no_key_is_given_twice(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("search: {rounds: 2}\nseed: 1\nsearch: {rounds: 3}\n")
    with pytest.raises(ScaleNetError, match=r"is not YAML: the key search stands twice \(line 3, column 1\)"):
        load_config(str(tmp_path / "mine.yaml"))


def test_a_time_is_no_number() -> None:
    with pytest.raises(ScaleNetError, match=r"`seed`: .*Received: '12:30:45'"):
        load_config("smoke", ["seed=12:30:45"])


def test_an_unknown_strategy_is_refused_when_the_configuration_is_read() -> None:
    with pytest.raises(InvalidInputError, match=r"`strategy`: Input should be 'auto', .*: 'mirorred'"):
        load_config("smoke", ["strategy=mirorred"])


def test_alternatives_of_a_value_are_told_in_one_line() -> None:
    with pytest.raises(
        InvalidInputError,
        match=r"`tracking`: Input should be .tensorboard., .mlflow. or .optuna.; or: .* Received: .wandb.$",
    ):
        update_config(load_config("smoke"), {"tracking": "wandb"})
    with pytest.raises(InvalidInputError, match=r"\n`members\.epochs`: .*; or: .*Received: 'many'$"):
        update_config(load_config("smoke"), {"members": {"epochs": "many"}})


def test_a_wrong_key_of_a_section_is_named_with_it() -> None:
    with pytest.raises(
        InvalidInputError, match=r"`supernet.steps` must be a value, not a dict. Received: {}"
    ):
        update_config(load_config("smoke"), {"supernet": {"steps": {}}})
