"""Whatever a user writes ends in a value or in a short ScaleNetError, at once."""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.target import Target, load_target
from scalenet_tf.checks import check_run
from scalenet_tf.config import RunConfig, load_config, parse_config, parse_typed, recipe_of
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets.spaces import parse_space
from scalenet_tf.run.requested_space import requested_space
from scalenet_tf.utils.yaml_text import read_yaml
from tests.helpers.odd_texts import ODD, dotted

BRIEF = settings(
    deadline=None, max_examples=100, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
KEYS, TARGET_KEYS = sorted(dotted(RunConfig)), sorted(dotted(Target))
values = st.one_of(st.sampled_from(ODD), st.text(max_size=30), st.floats().map(str), st.integers().map(str))
shipped = {
    "config": ["scalenet_tf.config.runs/quickstart", "scalenet_tf.config.runs/imagenet"],
    "space": ["scalenet_tf.presets/small", "scalenet_tf.presets/medium"],
    "recipe": ["scalenet_tf.config.recipes/regularized"],
    "target": ["pipelines.targets/vertex"],
}


def overrides(keys: list[str]) -> st.SearchStrategy[list[str]]:
    unknown = st.text(max_size=20)
    pair = st.tuples(st.one_of(st.sampled_from(keys), st.sampled_from(keys), unknown), values).map("=".join)
    return st.lists(st.one_of(pair, pair, pair, st.text(max_size=20)), min_size=1, max_size=3)


def texts(kind: str) -> st.SearchStrategy[str]:
    """Shipped texts with words replaced, lines repeated or left out, and other texts."""

    def text_of(name: str) -> str:
        package, _, file = name.partition("/")
        return resources.files(package).joinpath(f"{file}.yaml").read_text("utf-8")

    def changed(name: str, edits: list[tuple[int, str]]) -> str:
        words = text_of(name).split(" ")
        for place, word in edits:
            words[place % len(words)] = word
        return " ".join(words)

    def cut(name: str, first: int, second: int) -> str:
        text = text_of(name)
        first, second = first % len(text), second % len(text)
        return text[:first] + text[second:]

    name, place = st.sampled_from(shipped[kind]), st.integers(0, 10**6)
    edits = st.lists(st.tuples(place, values), min_size=1, max_size=3)
    return st.one_of(
        st.builds(changed, name, edits), st.builds(cut, name, place, place), values, st.text(max_size=100)
    )


def check(act: Callable[[], object], seconds: float = 20) -> None:
    """Fails unless `act` returns, or raises a ScaleNetError of a short text, in bounded time."""
    began = time.monotonic()
    try:
        act()
    except ScaleNetError as error:
        assert len(str(error)) < 6000
    assert time.monotonic() - began < seconds


def whole(config: RunConfig) -> None:
    """Everything that is checked before the first step without data."""
    space = requested_space(config)
    if "/" not in config.members.teacher and not config.members.teacher.endswith(".keras"):
        check_run(config, space, 10**6)


@BRIEF
@given(overrides(KEYS))
def test_any_override_of_a_configuration(given: list[str]) -> None:
    check(lambda: whole(load_config("smoke", given)))


def test_every_key_with_every_odd_value() -> None:
    for key in KEYS:
        for value in ODD:
            check(lambda key=key, value=value: parse_config("", [f"{key}={value}"]))  # type: ignore[misc]


@BRIEF
@given(overrides(TARGET_KEYS))
def test_any_override_of_a_target(given: list[str]) -> None:
    check(lambda: load_target("vertex", given))


@BRIEF
@given(texts("config"))
def test_any_configuration(text: str) -> None:
    check(lambda: parse_config(text))


@BRIEF
@given(texts("target"))
def test_any_target(text: str) -> None:
    check(lambda: parse_typed(Target, "target", text, [], "text"))


@BRIEF
@given(texts("space"))
def test_any_space(text: str) -> None:
    check(lambda: parse_space(text))


@BRIEF
@given(text=texts("recipe"), stage=st.integers(0, 4))
def test_any_recipe(tmp_path: Path, text: str, stage: int) -> None:
    file = tmp_path / "recipe.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    check(lambda: recipe_of(RunConfig().members.model_copy(update={"recipe": str(file)}), stage))


@BRIEF
@given(st.one_of(values, st.text(), st.binary().map(lambda data: data.decode("latin-1"))))
def test_any_text(text: str) -> None:
    check(lambda: read_yaml(text, "`text`"), seconds=5)
