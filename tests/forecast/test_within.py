"""Runs that are made short enough for a time."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scalenet_tf.config import RunConfig, load_config, update_config
from scalenet_tf.config.length import length_of
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.forecast.duration import forecast_at
from scalenet_tf.forecast.limit import limit_in_words, run_settings_within
from scalenet_tf.forecast.speed import DeviceSpeed, Speed
from scalenet_tf.forecast.within import settings_within, shortened
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from tests.forecast.test_work import INFO

SPACE = load_space("small")
SPEED = DeviceSpeed(Speed(0.0, 3e-10), Speed(0.0, 1e-10), 1.0, preparing=0.5)


def seconds(config: RunConfig) -> float:
    return forecast_at(config, SPACE, INFO, SPEED).seconds


def test_a_run_takes_at_most_the_time_that_it_may_and_most_of_it() -> None:
    config = load_config("quickstart")
    assert seconds(config) > 120
    for limit in (30.0, 60.0, 90.0):
        short = update_config(config, settings_within(config, SPACE, INFO, SPEED, limit))
        assert 0.6 * limit < seconds(short) <= 0.8 * limit  # whatever the number of cores


def test_a_run_that_is_short_enough_stays_as_it_is() -> None:
    config = load_config("quickstart")
    assert settings_within(config, SPACE, INFO, SPEED, 1.4 * seconds(config)) == {}


def test_the_shortest_run_is_what_there_is_when_the_time_is_too_short() -> None:
    config = load_config("quickstart")
    least = settings_within(config, SPACE, INFO, SPEED, 0.1)
    assert least["members.epochs"] == [1] and least["members.epoch_images"] < INFO.counts["train"]
    over = seconds(update_config(config, least))
    text = limit_in_words(least, 0.1 / 60, over)
    assert "the shortest one possible, the same as with --set supernet.steps=" in text
    assert "--set 'members.epochs=[1]'" in text
    assert "stays as it is" in limit_in_words({}, 5.0, 200.0)


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0.002, 1.0), name=st.sampled_from(["quickstart", "smoke", "photos", "imagenet"]))
def test_every_share_of_a_configuration_is_valid_and_no_longer(share: float, name: str) -> None:
    config = load_config(name)
    short = shortened(config, INFO, share)
    before, after = length_of(config), length_of(update_config(config, short))
    assert after["supernet.warmup_steps"] <= after["supernet.steps"]
    for key in ("supernet.steps", "search.rounds", "search.population", "members.scratch_epochs"):
        assert 1 <= after[key] <= before[key]
    assert all(epochs >= 1 for epochs in after["members.epochs"])


def test_members_that_keep_their_inherited_weights_still_do() -> None:
    config = load_config("quickstart", ["members.epochs=0"])
    assert shortened(config, INFO, 0.1)["members.epochs"] == [0]


@pytest.mark.parametrize("share", [0.02, 0.05, 0.3])
def test_members_keep_their_shares_of_images_where_epochs_are_shortened(share: float) -> None:
    config = load_config("photos")
    members = update_config(config, shortened(config, INFO, share)).members
    images = members.epoch_images or INFO.counts["train"]
    whole = config.members
    assert isinstance(members.epochs, tuple) and isinstance(whole.epochs, tuple)
    pairs = zip((*members.epochs, members.scratch_epochs), (*whole.epochs, whole.scratch_epochs), strict=True)
    for now, before in pairs:
        # A whole number of epochs, so half of one is the most that rounding takes or gives.
        assert abs(now * images - share * before * INFO.counts["train"]) <= 0.51 * images


def test_finalists_are_fewer_and_shorter() -> None:
    config = load_config("quickstart", ["search.confirm=4", "search.confirm_epochs=10"])
    short = shortened(config, INFO, 0.5)
    assert (short["search.confirm"], short["search.confirm_epochs"]) == (2, 5)
    assert "search.confirm" not in shortened(load_config("quickstart"), INFO, 0.5)
    begun = update_config(config, short)
    # The same command, when it resumes the run.
    assert update_config(config, length_of(begun)) == begun


@pytest.mark.parametrize(
    "own", ["scratch_epochs: 300", "warmup_epochs: 5", "epoch_images: 9000", "epoch_images: null"]
)
def test_a_recipe_that_states_the_length_is_refused(tmp_path: Path, own: str) -> None:
    recipe = tmp_path / "own.yaml"
    recipe.write_text(f"stages: [{{dropout: 0.1}}, {{{own}}}]")
    config = load_config("quickstart", [f"members.recipe={recipe}"])
    text = rf"`members.{own.partition(':')[0]}`, which the recipe '.*' states for S1"
    with pytest.raises(ScaleNetError, match=text):
        settings_within(config, SPACE, INFO, SPEED, 10.0)
    assert settings_within(config, SPACE, INFO, SPEED, 1e6) == {}


def test_a_recipe_may_state_what_is_no_longer_than_the_settings(tmp_path: Path) -> None:
    recipe = tmp_path / "own.yaml"
    recipe.write_text("warmup_epochs: 0\nepoch_images: 100")
    config = load_config("quickstart", [f"members.recipe={recipe}"])
    assert settings_within(config, SPACE, INFO, SPEED, 10.0)["members.epoch_images"] > 100


@pytest.mark.slow
def test_a_configuration_without_work_is_no_run_that_has_begun(tmp_path: Path) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", ["supernet.steps=30"]))
    assert run_settings_within(run, load_config("smoke"), 1000.0) == {}  # short enough as it is


def test_a_run_that_holds_work_keeps_its_length(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    run = Run.open_or_create(tmp_path / "run", load_config("smoke", ["supernet.steps=30"]))
    run.supernet.mkdir()
    with caplog.at_level(logging.INFO, logger="scalenet_tf"):
        assert run_settings_within(run, load_config("smoke"), 1000.0)["supernet.steps"] == 30
    assert "the run has begun" in caplog.text
