"""What the multiply-adds of a search pay for: steps of super-supernets, scores, trials and finalists."""

from __future__ import annotations

from scalenet_tf.costs.macs import TRAINING_PASSES
from studies.families.plan import Search
from studies.families.study import Study


def search_macs(study: Study, search: Search) -> float:
    """Multiply-adds of a search.

    Searches of single stages divide the budget such that each has about equally many steps, scores or trials.
    """
    macs = search.budget * study.macs
    if search.stage is None:
        return macs
    growth = study.space.budget.growth
    return macs * growth**search.stage / sum(growth**stage for stage in range(study.stages))


def training_macs(study: Study, search: Search) -> float:
    """Multiply-adds of a search that train its super-supernet."""
    return search.supernet.training * (search_macs(study, search) - _finalist_macs(study, search))


def scoring_macs(study: Study, search: Search) -> float:
    """Multiply-adds of a search that score networks with the super-supernet."""
    return (1 - search.supernet.training) * (search_macs(study, search) - _finalist_macs(study, search))


def trained_images(images: int, evaluated: int) -> int:
    """Forward passes that cost as much as a training with `images` images and an evaluation."""
    return TRAINING_PASSES * images + evaluated


def _finalist_macs(study: Study, search: Search) -> float:
    """What the finalists cost about: families that have no network in common, at their budgets."""
    if search.way != "confirmed":
        return 0.0
    budget = study.space.budget
    family = sum(budget.macs * budget.growth**stage for stage in range(study.stages))
    images = trained_images(study.finalist_images, study.trained_validation_images)
    return study.finalists * family * images
