"""The images that each job step puts through networks, and the multiply-adds of that."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scalenet_tf.config import RunConfig, SupernetConfig, recipe_of
from scalenet_tf.costs.macs import TRAINING_PASSES, cost
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.run.teachers import member_teachers, training_groups
from scalenet_tf.run.warm_start import WarmStart
from scalenet_tf.sampling import Draw, TrainingDraws, trained_subnets
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.space import SearchSpace

_DRAWS = 1000
_SANDWICH = 3  # the largest, the drawn and the smallest subnet


@dataclass(frozen=True)
class Images:
    """Images that go through networks.

    Attributes:
      count: Number of images.
      macs: Multiply-adds of one forward pass of each of them, in total.
    """

    count: int = 0
    macs: int = 0

    def __add__(self, other: Images) -> Images:
        return Images(self.count + other.count, self.macs + other.macs)


@dataclass(frozen=True)
class MemberWork:
    """The work of the training of one member.

    Attributes:
      trained: Images that it is trained on.
      scored: Images that it is only evaluated on.
    """

    trained: Images
    scored: Images


@dataclass(frozen=True)
class StepWork:
    """The work of one job step.

    Attributes:
      step: Name of the job step, such as "train".
      amount: The work in words, such as "1,500 steps of 64 images".
      trained: Images that networks are trained on.
      scored: Images that networks are only evaluated on.
      networks: Networks that are prepared: built, and their functions traced.
      groups: The same work by member, where several may train at a time: those of a group, and one group
        after another.
    """

    step: str
    amount: str
    trained: Images = Images()
    scored: Images = Images()
    networks: int = 1
    groups: tuple[tuple[MemberWork, ...], ...] = ()

    @property
    def macs(self) -> int:
        """Multiply-adds of all passes; a backward pass has twice those of a forward pass."""
        return TRAINING_PASSES * self.trained.macs + self.scored.macs


def workload(
    config: RunConfig, space: SearchSpace, data: DataInfo, start: WarmStart | None = None
) -> tuple[StepWork, ...]:
    """Returns the work of the steps that train, score and export networks.

    The search is counted by running it on random scores: how many networks it asks for depends on the scores,
    but little. Members count at the targets of the budgets, without early stopping.

    Args:
      config: Configuration of the run.
      space: Search space of the run, with the channels and classes of the data.
      data: Facts of the images.
      start: Warm start of the search.

    Example:
      >>> [step.amount for step in workload(config, space, data)][0]
      '1,500 steps of 64 images'
    """
    members = len(space.menus) + config.scale.extra_stages
    export = StepWork("export", f"{members} members", networks=members)
    return (_train(config, space), _search(config, space, data, start), _retrain(config, space, data), export)


def step_macs(space: SearchSpace, config: SupernetConfig, draw: Draw) -> int:
    """Returns the multiply-adds of an image's forward passes in a step: of one subnet, or of a sandwich."""
    return sum(cost(subnet).macs for subnet in trained_subnets(space, draw, config.sandwich))


def mean_step_macs(config: RunConfig, space: SearchSpace, steps: range) -> float:
    """Returns the mean of `step_macs` over some steps of the super-supernet's training."""
    supernet = config.supernet
    draws = TrainingDraws(space, config.seed, supernet.draw, supernet.stage_weights)
    return float(np.mean([step_macs(space, supernet, draws.at(step)) for step in steps]))


def _train(config: RunConfig, space: SearchSpace) -> StepWork:
    supernet = config.supernet
    mean = mean_step_macs(config, space, range(min(supernet.steps, _DRAWS)))
    images = supernet.steps * supernet.batch_size
    subnets = _SANDWICH if supernet.sandwich else 1
    amount = f"{supernet.steps:,} steps of {supernet.batch_size:,} images"
    return StepWork("train", amount, trained=Images(subnets * images, round(images * mean)))


def _search(config: RunConfig, space: SearchSpace, data: DataInfo, start: WarmStart | None) -> StepWork:
    search, rng = config.search, np.random.default_rng(config.seed)
    validation = min(search.validation_images or data.counts["validation"], data.counts["validation"])
    images = validation + min(search.recalibration_images, data.counts["train"])
    chain, networks = Mcea(SearchProblem(space, search, config.seed, start=start)), Images()
    while not chain.finished:
        # Never None: every score is told at once.
        if (evaluation := chain.ask()) is not None:
            networks += Images(1, cost(evaluation.subnet).macs)
            chain.tell(evaluation.number, float(rng.random()))
    finalists, trained, evaluated = _finalists(config, space, data)
    amount = f"about {networks.count:,} scores with {images:,} images each"
    if search.confirm:
        amount += f", {finalists:,} trainings of {search.confirm_epochs:,} epochs of finalists"
    scored = Images(networks.count * images, networks.macs * images) + evaluated
    return StepWork("search", amount, trained, scored, networks=1 + finalists)


def _finalists(config: RunConfig, space: SearchSpace, data: DataInfo) -> tuple[int, Images, Images]:
    """The trainings of the finalists and their images: at most, since finalists may share networks."""
    search, trained, scored = config.search, Images(), Images()
    weights = SearchProblem(space, search, config.seed).stage_weights()
    stages = [stage for stage, weight in enumerate(weights) if weight]
    for stage in stages:
        macs = space.budget.target(space.budget.macs, stage)
        images = search.confirm * search.confirm_epochs * _epoch_images(config, stage, data)
        evaluated = search.confirm * (search.confirm_epochs + 1) * data.counts["validation"]
        trained += Images(images, images * macs)
        scored += Images(evaluated, evaluated * macs)
    return search.confirm * len(stages), trained, scored


def _epoch_images(config: RunConfig, stage: int, data: DataInfo) -> int:
    train = data.counts["train"]
    return min(recipe_of(config.members, stage).epoch_images or train, train)


def _retrain(config: RunConfig, space: SearchSpace, data: DataInfo) -> StepWork:
    members, total = [], 0
    stages = range(len(space.menus) + config.scale.extra_stages)
    for stage in stages:
        macs = space.budget.target(space.budget.macs, stage)
        recipe = recipe_of(config.members, stage)
        inherits = recipe.start != "scratch" and stage < len(space.menus)
        epochs = recipe.epochs_at(stage) if inherits else recipe.scratch_epochs
        images = _epoch_images(config, stage, data)
        trained = Images(epochs * images, epochs * images * macs)
        evaluated = (epochs + 1) * data.counts["validation"] + data.counts["test"]
        members.append(MemberWork(trained, Images(evaluated, evaluated * macs)))
        total += epochs
    teachers = member_teachers(config.members, stages, largest=stages[-1])
    groups = tuple(tuple(members[stage] for stage in group) for group in training_groups(teachers, stages))
    return StepWork(
        "retrain",
        f"{len(stages)} members, {total:,} epochs in all",
        sum((member.trained for member in members), Images()),
        sum((member.scored for member in members), Images()),
        len(stages),
        groups,
    )
