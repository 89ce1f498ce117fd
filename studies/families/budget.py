"""What a side's multiply-adds buy: steps of super-supernets, and scores."""

from __future__ import annotations

from scalenet_tf.sampling import mean_macs, stage_probabilities
from studies.families.plan import Search
from studies.families.study import Study

# A training step counts as a forward pass and a backward pass of twice its multiply-adds.
PASSES = 3


def steps(study: Study, search: Search) -> int:
    """Steps of the super-supernet, by expected multiply-adds; those of each stage alone have equally many."""
    space = study.space
    means = [mean_macs(space, stage) for stage in range(study.stages)]
    # The joint side draws stages as the product does by default.
    weights = stage_probabilities(space, "widths") if search.stage is None else [1.0] * len(means)
    step = PASSES * study.batch_size * sum(w * mean for w, mean in zip(weights, means, strict=True))
    return max(1, round(search.tuned.training * search.budget * study.macs / step))


def scoring_macs(study: Study, search: Search) -> float:
    """Multiply-adds for scores; stages alone share them so that each has about equally many scores."""
    macs = (1 - search.tuned.training) * search.budget * study.macs
    if search.stage is None:
        return macs
    growth = study.space.budget.growth
    return macs * growth**search.stage / sum(growth**stage for stage in range(study.stages))
