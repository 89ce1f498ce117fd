from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from scalenet_tf.checks import check_run
from scalenet_tf.config import CONFIG_NAMES, load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.space.criteria import Criteria
from tests.helpers.teaching import knowing_model

SMALL = load_space("small")


@pytest.mark.parametrize("name", CONFIG_NAMES)
def test_the_shipped_configurations_pass(name: str) -> None:
    config = load_config(name)
    check_run(config, load_space(config.space), train_images=8000)


@pytest.mark.parametrize(
    ("override", "images", "text"),
    [
        (
            "search.stage_weights=[1, 1]",
            8000,
            r"`search.stage_weights` must hold one weight >= 0.*\[1.0, 1.0\]",
        ),
        ("supernet.stage_weights=[1, 1]", 8000, r"`stage_weights` must hold one weight >= 0"),
        (
            "members.batch_size=65",
            64,
            r"`members.batch_size` must be at most the 64 images.*Received: 65.*--set members.batch_size=32$",
        ),
        (
            "members.start=supernet",
            8000,
            r"`members\.start` must be auto or scratch for s4, which is extrapol",
        ),
        ("members.recipe=regular", 8000, r"`recipe` must be one of .*Did you mean 'regularized'"),
        ("members.teacher=s9", 8000, r"`members\.teacher` of s0 must be a member of the family, s0, .*'s9'"),
        ("members.teacher=/none.keras", 8000, r"`members\.teacher` must be the path of .*which is neither"),
        ("supernet.batch_size=65", 64, r"`supernet.batch_size` must be at most the 64 images.*Received: 65"),
    ],
)
def test_what_would_fail_late_fails_at_once(override: str, images: int, text: str) -> None:
    with pytest.raises(ScaleNetError, match=text):
        check_run(load_config("smoke", [override]), SMALL, images)


def test_all_batches_that_are_too_large_are_named_with_smaller_ones() -> None:
    with pytest.raises(ScaleNetError, match=r"--set supernet.batch_size=8 --set members.batch_size=8$"):
        check_run(load_config("quickstart"), SMALL, 30)


def test_a_teacher_of_other_classes_is_found_before_the_first_step(tmp_path: Path) -> None:
    knowing_model().save(tmp_path / "net.keras")
    config = load_config("smoke", [f"members.teacher={tmp_path / 'net.keras'}"])
    check_run(config, SMALL.for_data(1, 3), 8000)
    text = r"`members\.teacher` must be .* logits \[N, 10\].*from \(None, 36, 36, 1\) to \(None, 3\)"
    with pytest.raises(ScaleNetError, match=text):
        check_run(config, SMALL, 8000)


def test_one_menu_gives_nothing_to_extrapolate_from() -> None:
    values: dict[str, Any] = SMALL.model_dump(mode="json")
    space = SMALL.model_validate({**values, "menus": values["menus"][:1]})
    with pytest.raises(ScaleNetError, match=r"needs a searched stage beyond S0.*scale.extra_stages=0"):
        check_run(load_config("smoke"), space, 8000)
    check_run(load_config("smoke", ["scale.extra_stages=0"]), space, 8000)


def test_constraints_that_cannot_be_met_are_found_before_the_first_step() -> None:
    config = load_config("smoke")
    with pytest.raises(ScaleNetError, match="constraint"):
        check_run(config, SMALL, 8000, criteria=Criteria((lambda subnet, stage: subnet.num_blocks < 1,)))
    with pytest.raises(ScaleNetError, match=r"`constraints\[0\]` .* must return True or False"):
        check_run(config, SMALL, 8000, criteria=Criteria((lambda subnet, stage: None,)))  # type: ignore[arg-type, return-value]
    with pytest.raises(ScaleNetError, match=r"`objective` .* must return a finite number"):
        check_run(config, SMALL, 8000, criteria=Criteria(objective=lambda subnet, accuracy: float("nan")))
    allowed = Criteria((lambda subnet, stage: subnet.num_blocks < 9,), lambda subnet, accuracy: accuracy)
    check_run(config, SMALL, 8000, criteria=allowed)
