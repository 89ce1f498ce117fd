"""The networks of the study: every way to predict a stage, all at the same multiply-adds."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from scalenet_tf.extrapolation.fit_to_budget import fit_to_budget
from scalenet_tf.extrapolation.growth import Growth, Rule, extrapolate
from scalenet_tf.space import Subnet
from scalenet_tf.space.compound_growth import EFFICIENTNET
from scalenet_tf.space.scaling import scale
from studies.extrapolation.study import Study

# Questions: the number of searched stages that a rule is fitted to, and the stages that it predicts.
QUESTIONS = ((3, (3,)), (4, (4, 5)))
RULES: tuple[Rule, ...] = ("compound", "separate", "last")


def networks(study: Study) -> Iterator[tuple[str, str, Subnet]]:
    """The networks to train.

    Args:
      study: The study.

    Yields:
      (stage, way, network), with stages "s3" to "s5", and ways "searched", the rules of `scale.rule`,
      "efficientnet", "random0", …
    """
    yield "s3", "searched", scale(study.space, study.base, study.scalings[3])
    for known, stages in QUESTIONS:
        found = study.scalings[:known]
        for rule in RULES:
            _, members = extrapolate(study.space, study.base, found, len(stages), study.tolerance, rule)
            for one in members:
                yield f"s{one.scaling_stage}", rule, one.subnet
        ways = {"efficientnet": Growth(*EFFICIENTNET)}
        rng = np.random.default_rng(known)
        ways |= {f"random{n}": _random_growth(rng) for n in range(study.random)}
        for way, growth in ways.items():
            for stage in stages:
                yield f"s{stage}", way, _fitted(study, growth, stage)


def network_item(key: str, seed: int) -> str:
    """Name of the item that holds a trained network."""
    return f"items/{key}-{seed}"


def _fitted(study: Study, growth: Growth, stage: int) -> Subnet:
    # These ways do not know the searched stages, so the base is their only lower bound.
    first = scale(study.space, study.base, study.scalings[0])
    return fit_to_budget(
        study.space, study.base, growth.at(stage), stage, first, first, study.tolerance
    ).subnet


def _random_growth(rng: np.random.Generator) -> Growth:
    """Twice the multiply-adds per stage, divided at random among depth, width and resolution."""
    depth, width, resolution = rng.dirichlet(np.ones(3))
    return Growth(2**depth, 2 ** (width / 2), 2 ** (resolution / 2))
