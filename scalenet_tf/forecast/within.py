"""A run within a time: the trainings and the search of a configuration, made shorter alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from scalenet_tf.config import RunConfig, recipe_name, recipe_of, stated, update_config
from scalenet_tf.config.length import length_of
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.forecast.duration import forecast_at
from scalenet_tf.forecast.speed import DeviceSpeed
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.space import SearchSpace

_SHORTEST = 0.002  # Smallest share of a configuration's work that is tried.
_HALVINGS = 9
_USED = 0.75  # Share of the time that is planned: a run took a third longer than its forecast.
_POPULATION, _VALIDATION_IMAGES = 8, 500  # A search has at least as many.


def settings_within(
    config: RunConfig,
    space: SearchSpace,
    info: DataInfo,
    speed: DeviceSpeed,
    seconds: float,
    start: WarmStart | None = None,
) -> dict[str, Any]:
    """Returns the settings with which a run takes at most about a given time.

    Steps and epochs are shortened by one factor; where a single epoch is too much, epochs have fewer images.
    Rounds, population and images of the search shrink by that factor each, so that it is shortened most. If
    even the shortest run takes longer, its settings are returned.

    Args:
      config: Configuration of the run.
      space: Search space of the run, with the channels and classes of the data.
      info: Facts of the images.
      speed: Speed of this device.
      seconds: Time that the run may take.
      start: Warm start of the search.

    Returns:
      Values by dotted key, for `update_config` or `--set`; none if the configuration takes no longer.

    Raises:
      ScaleNetError: If a recipe states the length of a training, which settings then do not change.

    Example:
      >>> settings_within(config, space, data.info, measure_speed(config, space, data), 600.0)
      {'supernet.steps': 480, 'supernet.warmup_steps': 24, ...}
    """

    def fits(share: float) -> bool:
        shorter = update_config(config, shortened(config, info, share))
        return forecast_at(shorter, space, info, speed, start).seconds <= _USED * seconds

    if fits(1.0):
        return {}
    settings = shortened(config, info, _largest_share(fits))
    _check_recipes(config, len(space.menus) + config.scale.extra_stages, settings)
    return settings


def _check_recipes(config: RunConfig, stages: int, settings: Mapping[str, Any]) -> None:
    """Raises ScaleNetError if the recipe of a scaling stage states what the settings shorten."""
    limit = settings.get("members.epoch_images")
    shortest = min(filter(None, [*settings["members.epochs"], settings["members.scratch_epochs"]]))
    for stage in range(stages):
        name = recipe_name(config.members, stage)
        own, recipe = stated(name, stage), recipe_of(config.members, stage)
        found: list[str] = [key for key in ("epochs", "scratch_epochs") if key in own]
        if "epoch_images" in own and limit is not None and (recipe.epoch_images or math.inf) > limit:
            found.append("epoch_images")
        # A warm-up that lasts to the end would be all there is.
        if "warmup_epochs" in own and recipe.warmup_epochs >= shortest:
            found.append("warmup_epochs")
        if found:
            raise InvalidInputError(
                f"`minutes` shortens `members.{found[0]}`, which the recipe {name!r} states for S{stage}. "
                "Take it out of the recipe, or leave out `minutes`."
            )


def shortened(config: RunConfig, info: DataInfo, share: float) -> dict[str, Any]:
    """Returns the settings with which trainings have a share of their images, and a search less than that.

    Args:
      config: The configuration.
      info: Facts of the images.
      share: The share, above 0 and at most 1.
    """

    def of(amount: int, least: int = 1) -> int:
        return min(amount, max(least, round(share * amount)))

    search, members = config.search, config.members
    steps = of(config.supernet.steps)
    epochs = members.epochs if isinstance(members.epochs, tuple) else (members.epochs,)
    fewest = share * min(count for count in [*epochs, members.scratch_epochs] if count)
    epoch = min(1.0, fewest)  # a shortened epoch, as a part of a whole one

    def epochs_of(count: int) -> int:
        return min(count, max(1, round(share * count / epoch)))

    validation = min(search.validation_images or info.counts["validation"], info.counts["validation"])
    settings = length_of(config) | {
        "supernet.steps": steps,
        "supernet.warmup_steps": min(steps, round(share * config.supernet.warmup_steps)),
        "search.rounds": of(search.rounds),
        "search.population": of(search.population, _POPULATION),
        "search.start_bases": of(search.start_bases),
        "search.validation_images": of(validation, _VALIDATION_IMAGES),
        "members.epochs": [epochs_of(count) for count in epochs],
        "members.scratch_epochs": epochs_of(members.scratch_epochs),
        "members.warmup_epochs": round(share * members.warmup_epochs / epoch, 3),
    }
    if search.confirm:
        settings["search.confirm"] = of(search.confirm)
        settings["search.confirm_epochs"] = epochs_of(search.confirm_epochs)
    if fewest < 1:
        images = members.epoch_images or info.counts["train"]
        settings["members.epoch_images"] = max(min(images, members.batch_size), round(fewest * images))
    return settings


def _largest_share(fits: Callable[[float], bool]) -> float:
    """The largest share that fits, to a few per cent; the smallest if none does."""
    low, high = math.log(_SHORTEST), 0.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(math.exp(middle)) else (low, middle)
    return math.exp(low)
