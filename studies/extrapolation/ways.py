"""The networks of a study: each question answered in every way, all at the same multiply-adds."""

from __future__ import annotations

import typing
from collections.abc import Iterator

import numpy as np

from scalenet_tf.extrapolation.growth import Growth, Rule, extrapolate
from scalenet_tf.extrapolation.settle import settle
from scalenet_tf.report.growth import EFFICIENTNET
from scalenet_tf.space import Subnet
from scalenet_tf.space.scaling import scale
from studies.extrapolation.study import Study

# Name of the question, how many searched stages may be looked at, and the stages to be answered.
QUESTIONS = {"S3 from S0-S2": (3, (3,)), "S4, S5 from S0-S3": (4, (4, 5))}
RULES: tuple[Rule, ...] = typing.get_args(Rule)


def networks(study: Study) -> Iterator[tuple[str, str, Subnet]]:
    """(stage, way, network): "s3" … "s5"; a rule, "searched", "efficientnet", "random0", …."""
    yield "s3", "searched", scale(study.space, study.base, study.scalings[3])
    for known, stages in QUESTIONS.values():
        found = study.scalings[:known]
        for rule in RULES:
            _, settled = extrapolate(study.space, study.base, found, len(stages), study.tolerance, rule)
            for one in settled:
                yield f"s{one.stage}", rule, one.subnet
        ways = {"efficientnet": Growth(*EFFICIENTNET)}
        rng = np.random.default_rng(known)
        ways |= {f"random{n}": _random_growth(rng) for n in range(study.random)}
        for way, growth in ways.items():
            for stage in stages:
                yield f"s{stage}", way, _settled(study, growth, stage)


def _settled(study: Study, growth: Growth, stage: int) -> Subnet:
    # Nothing but the base bounds it from below: these ways do not know the searched stages.
    first = scale(study.space, study.base, study.scalings[0])
    return settle(study.space, study.base, growth.at(stage), stage, first, first, study.tolerance).subnet


def _random_growth(rng: np.random.Generator) -> Growth:
    """A factor 2 of multiply-adds shared out at random among depth, width and resolution."""
    depth, width, resolution = rng.dirichlet(np.ones(3))
    return Growth(2**depth, 2 ** (width / 2), 2 ** (resolution / 2))
