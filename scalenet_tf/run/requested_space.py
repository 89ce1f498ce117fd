"""`requested_space`, which applies the section `ladder` of a configuration to its space."""

from __future__ import annotations

from pydantic import ValidationError

from scalenet_tf.config import LadderConfig, RunConfig
from scalenet_tf.costs.device import check_device
from scalenet_tf.costs.latency import check_kind, table_of
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.presets import load_space
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.latency_table import read_table
from scalenet_tf.utils.validation import problems


def requested_space(config: RunConfig) -> SearchSpace:
    """Loads the space of a configuration and applies its section `ladder`.

    Args:
      config: Configuration of the run.

    Returns:
      The space with its first `ladder.stages` menus. Keys given in `ladder` replace those of the budget.

    Raises:
      ScaleNetError: If the space is unknown, or `ladder` or its latency table does not fit it.

    Example:
      >>> len(requested_space(load_config("quickstart", ["ladder.stages=2"])).menus)
      2
    """
    return with_ladder(load_space(config.space), config.ladder)


def with_ladder(space: SearchSpace, ladder: LadderConfig) -> SearchSpace:
    """Returns a space with its first `ladder.stages` menus, and the given keys in place of its budget's.

    Args:
      space: The space.
      ladder: Section `ladder`.

    Raises:
      ScaleNetError: If the section or its latency table does not fit the space.
    """
    given = ladder.model_dump(mode="json", exclude_none=True, exclude={"latency_device"})
    table = given.pop("latency_table", None)
    if table is not None:
        given["latency"] = read_table(table).model_dump(mode="json")
    stages = given.pop("stages", len(space.menus))
    if stages > len(space.menus):
        raise InvalidInputError(
            f"`ladder.stages` must be at most the {len(space.menus)} scaling stages of space {space.name!r}, "
            f"S0 included. Received: {stages}. Add menus to the space, or let scale.extra_stages extrapolate."
        )
    for number, bound in enumerate(() if "ranges" in given else space.budget.ranges):
        if bound.stage is not None and bound.stage >= stages:
            raise InvalidInputError(
                f"`ladder.stages` {stages} leaves out S{bound.stage}, for which `budget.ranges[{number}]` of "
                f"space {space.name!r} is. Raise it, or give the ranges that are to hold as `ladder.ranges`."
            )
    values = space.model_dump(mode="json")
    values |= {"menus": values["menus"][:stages], "budget": {**values["budget"], **given}}
    try:
        requested = SearchSpace.model_validate(values)
    except ValidationError as error:
        raise InvalidInputError(f"`ladder` does not fit space {space.name!r}: {problems(error)}") from error
    if requested.budget.latency is not None:
        check_kind(requested.budget.latency, requested)
    elif any(bound.quantity == "latency_ms" for bound in requested.budget.ranges):
        table_of(requested)
    return requested


def check_growth(space: SearchSpace) -> None:
    """Raises ScaleNetError if a scaling stage may have no more multiply-adds than the one before it."""
    budget, stages = space.budget, len(space.menus)
    # The tolerance of a stage is around the base's own multiply-adds, which S0 has exactly.
    above = 1 + budget.stage_tolerance if stages > 2 else 1
    if stages > 1 and budget.growth * (1 - budget.stage_tolerance) <= above:
        raise InvalidInputError(
            f"`ladder.growth` must exceed what `ladder.stage_tolerance` blurs, so that each scaling stage is "
            f"larger than the one before it. Received: growth {budget.growth:g} and tolerance "
            f"{budget.stage_tolerance:g}. Raise the growth, or lower the tolerance."
        )


def check_latency_device(config: RunConfig, space: SearchSpace) -> None:
    """Raises ScaleNetError if the latency table must be, but is not, of this device."""
    if space.budget.latency is not None and config.ladder.latency_device == "this":
        check_device(space.budget.latency)
