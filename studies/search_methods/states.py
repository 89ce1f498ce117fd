"""The states of a small space: every feasible base with every feasible scaling of each stage."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from scalenet_tf.costs.bases import encode
from scalenet_tf.costs.macs import costs
from scalenet_tf.sampling.feasible import base_scaling, fits_stage, meets_budget
from scalenet_tf.sampling.pool import distinct_scalings
from scalenet_tf.space import BaseArchitecture, Scaling, SearchSpace, Subnet
from scalenet_tf.space.scaling import scale


@dataclass(frozen=True)
class Option:
    """A scaling of a base, and the network that it gives.

    Attributes:
      scaling: The scaling.
      subnet: The network.
      key: Key of the network.
    """

    scaling: Scaling
    subnet: Subnet
    key: str


@dataclass(frozen=True)
class States:
    """Everything that a search may choose from.

    Attributes:
      space: The space.
      bases: The bases that meet the budget.
      scaled: Options by base, scaling stage and scaling; a base may have none in a stage.
    """

    space: SearchSpace
    bases: tuple[BaseArchitecture, ...]
    scaled: tuple[tuple[dict[Scaling, Option], ...], ...]

    @cached_property
    def options(self) -> tuple[tuple[tuple[Option, ...], ...], ...]:
        """Options by base and scaling stage, one per network: several scalings may give the same network."""
        return tuple(
            tuple(tuple({option.key: option for option in menu.values()}.values()) for menu in menus)
            for menus in self.scaled
        )

    @property
    def subnets(self) -> dict[str, Subnet]:
        """Every network once, by its key."""
        return {option.key: option.subnet for base in self.options for menu in base for option in menu}

    @property
    def complete(self) -> list[int]:
        """Indices of the bases that have an option in every stage."""
        return [number for number, menus in enumerate(self.options) if all(menus)]

    @property
    def count(self) -> int:
        """Number of states."""
        return sum(int(np.prod([len(menu) for menu in base])) for base in self.options)


def all_states(space: SearchSpace) -> States:
    """Lists all feasible states of a small space."""
    choices = [
        [
            ops
            for depth in range(stage.depth[0], stage.depth[1] + 1)
            for ops in itertools.product(stage.ops, repeat=depth)
        ]
        for stage in space.stages
    ]
    bases = [BaseArchitecture(stages=stages) for stages in itertools.product(*choices)]
    encoded = encode(space, bases)
    met = np.flatnonzero(meets_budget(space, encoded))
    bases, encoded = [bases[n] for n in met], encoded[met]
    own = costs(space, encoded, base_scaling(space))[:, 0]
    found: list[list[dict[Scaling, Option]]] = [[{} for _ in space.menus] for _ in bases]
    for stage in range(len(space.menus)):
        for scaling in distinct_scalings(space, stage):
            fitting = fits_stage(space, encoded, own, scaling, stage)
            for n in np.flatnonzero(fitting).tolist():
                subnet = scale(space, bases[n], scaling)
                found[n][stage][scaling] = Option(scaling, subnet, subnet.key)
    return States(space, tuple(bases), tuple(tuple(menus) for menus in found))
