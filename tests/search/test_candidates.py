from __future__ import annotations

import numpy as np
import pytest

from scalenet_tf.costs.bases import decode
from scalenet_tf.costs.macs import cost
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_bases
from scalenet_tf.search.candidates import candidates
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.scaling import scale
from tests.helpers.networks import MIXED
from tests.helpers.tiny_search import SPACE


@pytest.mark.parametrize(
    "space", [SPACE, MIXED, load_space("small"), load_space("paper")], ids=lambda s: s.name
)
def test_phenotypes_are_equal_if_and_only_if_networks_are(space: SearchSpace) -> None:
    bases = draw_bases(space, np.random.default_rng(0), 12)
    keys: dict[bytes, str] = {}
    phenotypes: dict[str, bytes] = {}
    for stage, menu in enumerate(space.menus):
        for scaling in menu.scalings()[:40]:
            for base, candidate in zip(
                decode(space, bases), candidates(space, stage, scaling, bases), strict=True
            ):
                subnet = scale(space, base, scaling)
                assert (candidate.base, candidate.scaling, candidate.scaling_stage) == (base, scaling, stage)
                assert candidate.macs == cost(subnet).macs
                assert keys.setdefault(candidate.phenotype, subnet.key) == subnet.key
                assert phenotypes.setdefault(subnet.key, candidate.phenotype) == candidate.phenotype
    assert len(keys) == len(phenotypes)
