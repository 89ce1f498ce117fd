"""What the multiply-adds of a search pay for: training steps of super-supernets, and scores."""

from __future__ import annotations

from scalenet_tf.costs.macs import TRAINING_PASSES
from scalenet_tf.sampling import mean_macs, stage_probabilities
from studies.families.plan import Search
from studies.families.study import Study


def steps(study: Study, search: Search) -> int:
    """Training steps of a search's super-supernet, by expected multiply-adds.

    The super-supernets of an independent search, one per stage, take equally many steps.
    """
    space = study.space
    means = [mean_macs(space, stage) for stage in range(study.stages)]
    # The joint side draws stages as the paper's code does, see `PAPER_TRAINING`.
    weights = stage_probabilities(space, "widths") if search.stage is None else [1.0] * len(means)
    step = TRAINING_PASSES * study.batch_size * sum(w * mean for w, mean in zip(weights, means, strict=True))
    return max(1, round(search.tuned.training * search.budget * study.macs / step))


def scoring_macs(study: Study, search: Search) -> float:
    """Multiply-adds that a search may spend on scores.

    The stages of an independent search divide them such that each has about equally many scores.
    """
    macs = (1 - search.tuned.training) * search.budget * study.macs
    if search.stage is None:
        return macs
    growth = study.space.budget.growth
    return macs * growth**search.stage / sum(growth**stage for stage in range(study.stages))
