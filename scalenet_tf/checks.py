"""What would fail in a late step is looked at before the first one has taken hours."""

from __future__ import annotations

from scalenet_tf.config import RunConfig, check_start, recipe_of
from scalenet_tf.costs.latency import check_table
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.extrapolation.growth import check_stages
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.sampling import stage_probabilities
from scalenet_tf.sampling.pool import check_space
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.warm_start import usable_start
from scalenet_tf.space import SearchSpace


def check_run(
    config: RunConfig, space: SearchSpace, train_images: int, start: WarmStart | None = None
) -> None:
    """Checks a configuration against its space and data.

    Args:
      config: Of the run.
      space: Its space.
      train_images: Images of the train split.
      start: What its search begins with, if anything.

    Raises:
      ScaleNetError: naming what no step could work with.

    Example:
      >>> check_run(load_config("quickstart"), load_space("small"), train_images=8000)
    """
    if space.budget.latency is not None:
        check_table(space.budget.latency, space)
    check_space(space)
    problem = SearchProblem(space, config.search, config.seed, start=start)
    usable_start(problem)
    stage_probabilities(space, config.supernet.stage_weights)
    if config.supernet.bilateral_coupling:
        _check_coupling(space)
    problem.stage_weights()
    if config.scale.extra_stages:
        check_stages(len(space.menus))
    searched = len(space.menus)
    recipes = [recipe_of(config.members, s) for s in range(searched + config.scale.extra_stages)]
    for stage, recipe in enumerate(recipes):
        check_start(recipe, f"s{stage}", extrapolated=stage >= searched)
    members = max(recipe.batch_size for recipe in recipes)
    for section, size in (("supernet", config.supernet.batch_size), ("members", members)):
        if size > train_images:
            raise InvalidInputError(
                f"`{section}.batch_size` must be at most the {train_images} images of the train split. "
                f"Received: {size}. Give a smaller one, or more images."
            )


def _check_coupling(space: SearchSpace) -> None:
    """An op narrower than others of its stage has no trailing channels of its own in the rows they share."""
    for number, stage in enumerate(space.stages):
        expansions = sorted({op.expansion for op in stage.ops})
        if len(expansions) > 1:
            raise InvalidInputError(
                "`supernet.bilateral_coupling` takes ops of one expansion a stage. Received: space "
                f"{space.name!r}, whose stage {number} has expansions {expansions}. Leave the switch out, or "
                "take another space."
            )
