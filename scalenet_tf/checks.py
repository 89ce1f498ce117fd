"""Checks before the first job step, of problems that later steps would otherwise hit after hours."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf.config import Recipe, RunConfig, check_class_weights, check_start, recipe_of
from scalenet_tf.config.teacher import NO_TEACHER, is_path
from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.latency import check_table
from scalenet_tf.data.batch_sizes import check_batch_sizes
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.extrapolation.growth import check_stages
from scalenet_tf.run.teachers import member_teachers
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.sampling import stage_probabilities
from scalenet_tf.sampling.pool import draw_pool
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.warm_start import usable_start
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.criteria import NO_CRITERIA, Criteria
from scalenet_tf.space.scaling import scale
from scalenet_tf.space.stage_ops import inner_widths
from scalenet_tf.utils.random_streams import RandomStream


def check_run(
    config: RunConfig,
    space: SearchSpace,
    train_images: int,
    start: WarmStart | None = None,
    criteria: Criteria = NO_CRITERIA,
) -> None:
    """Checks that all job steps can work with a configuration, its space and its data.

    Args:
      config: Configuration of the run.
      space: Search space of the run.
      train_images: Number of images in the train split.
      start: Warm start of the search. Default: none.
      criteria: The user's own constraints and objective.

    Raises:
      ScaleNetError: If a job step could not work with them. The text names the setting.

    Example:
      >>> check_run(load_config("quickstart"), load_space("small"), train_images=8000)
    """
    if space.budget.latency is not None:
        check_table(space.budget.latency, space)
    problem = SearchProblem(space, config.search, config.seed, criteria, start)
    _check_pool(problem)
    stage_probabilities(space, config.supernet.stage_weights)
    if config.supernet.bilateral_coupling:
        _check_coupling(space)
    problem.stage_weights()
    if config.scale.extra_stages:
        check_stages(len(space.menus), config.scale.rule)
    searched = len(space.menus)
    recipes = [recipe_of(config.members, s) for s in range(searched + config.scale.extra_stages)]
    for stage, recipe in enumerate(recipes):
        check_start(recipe, f"s{stage}", extrapolated=stage >= searched)
        check_class_weights(recipe, config.task)
    # Every stage has more multiply-adds than the one before it.
    member_teachers(config.members, range(len(recipes)), largest=len(recipes) - 1)
    # Members that train at the same time have devices of their own; teachers and finalists train alone.
    alone = config.members.jobs <= 1 or config.search.confirm or any(map(_is_taught_here, recipes))
    if alone and any(recipe.gradient_accumulation_steps > 1 for recipe in recipes):
        from scalenet_tf.members.compiled import check_accumulation  # TensorFlow

        check_accumulation(config, recipes)
    for path in sorted({recipe.teacher for recipe in recipes if is_path(recipe.teacher)}):
        from scalenet_tf.members.teacher import check_teacher_at  # TensorFlow

        check_teacher_at(Path(path), space.channels, space.classes, config.task)
    members = max(recipe.batch_size for recipe in recipes)
    sizes = {"supernet.batch_size": config.supernet.batch_size, "members.batch_size": members}
    check_batch_sizes(sizes, train_images)


def _is_taught_here(recipe: Recipe) -> bool:
    return recipe.teacher != NO_TEACHER and not is_path(recipe.teacher)


def _check_pool(problem: SearchProblem) -> None:
    """Draws the bases that the search will begin with, and asks the user's callables about some."""
    start = usable_start(problem)
    pool = draw_pool(problem.space, problem.generator(RandomStream.POOL), problem.criteria, start.bases)
    chosen = pool.choose_jointly([list(range(len(menu))) for menu in pool.scalings])
    if problem.criteria.objective is not None and chosen is not None:
        base = decode(problem.space, pool.bases)[0]
        problem.criteria.value(scale(problem.space, base, pool.at(chosen)[0]), accuracy=0.5)


def _check_coupling(space: SearchSpace) -> None:
    """Raises ScaleNetError if the ops of a stage differ in the widths between their layers.

    The rows that such ops share give the narrower one no trailing channels of its own to be coupled with.
    """
    for number, stage in enumerate(space.stages):
        if len({inner_widths(op, stage.stride) for op in stage.ops}) > 1:
            expansions = sorted({getattr(op, "expansion", 0) for op in stage.ops})
            own = f"expansions {expansions}" if expansions[0] else f"the ops {[op.name for op in stage.ops]}"
            raise InvalidInputError(
                "`supernet.bilateral_coupling` needs ops of equal expansion in each stage. Received: space "
                f"{space.name!r}, whose stage {number} has {own}. Switch it off, or use another space."
            )
