from __future__ import annotations

from typing import Any

import pytest

from scalenet_tf.checks import check_run
from scalenet_tf.config import CONFIG_NAMES, load_config
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space

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
        ("members.batch_size=65", 64, r"`members.batch_size` must be at most the 64 images.*Received: 65"),
        (
            "members.start=supernet",
            8000,
            r"`members\.start` must be auto or scratch for s4, which is extrapol",
        ),
        ("members.recipe=adam", 8000, r"`recipe` must be one of .*Did you mean 'adamw'"),
        ("supernet.batch_size=65", 64, r"`supernet.batch_size` must be at most the 64 images.*Received: 65"),
    ],
)
def test_what_would_fail_late_fails_at_once(override: str, images: int, text: str) -> None:
    with pytest.raises(ScaleNetError, match=text):
        check_run(load_config("smoke", [override]), SMALL, images)


def test_one_menu_gives_nothing_to_extrapolate_from() -> None:
    values: dict[str, Any] = SMALL.model_dump(mode="json")
    space = SMALL.model_validate({**values, "menus": values["menus"][:1]})
    with pytest.raises(ScaleNetError, match=r"needs a searched stage beyond S0.*scale.extra_stages=0"):
        check_run(load_config("smoke"), space, 8000)
    check_run(load_config("smoke", ["scale.extra_stages=0"]), space, 8000)
