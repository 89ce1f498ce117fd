"""Generations of bases: all of them feasible, and no base twice in a round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scalenet_tf.config import SearchConfig
from scalenet_tf.costs.bases import EncodedBases, concatenate, new_only
from scalenet_tf.sampling.feasible import find_feasible_bases, meets_budget
from scalenet_tf.search.operators import crossover, mutate, ranking, tournament
from scalenet_tf.space import Scaling, SearchSpace
from scalenet_tf.space.criteria import NO_CRITERIA, Criteria

_TRIES = 16  # Batches of children before random bases fill a generation up.
_CHILDREN = 4  # Children bred for each that is needed: most are infeasible or known.
_BATCHES = 8  # Batches of random bases before a generation stays short.


@dataclass(frozen=True)
class Population:
    """Bases with their fitness, best first; NaN where one could not be scored."""

    bases: EncodedBases
    fitness: np.ndarray

    def joined(self, bases: EncodedBases, fitness: np.ndarray) -> Population:
        """This population and newcomers."""
        if not len(self.fitness):
            return Population(bases, fitness)
        return Population(concatenate([self.bases, bases]), np.concatenate([self.fitness, fitness]))

    def best(self, count: int) -> Population:
        """The survivors of truncation selection; of equals the older ones."""
        kept = ranking(self.fitness)[:count]
        return Population(self.bases[kept], self.fitness[kept])


@dataclass(frozen=True)
class Breeder:
    """Makes generations under the current scalings."""

    space: SearchSpace
    config: SearchConfig
    scalings: Mapping[int, Scaling]
    criteria: Criteria = NO_CRITERIA

    def founders(self, rng: np.random.Generator, pool: EncodedBases, carried: EncodedBases) -> EncodedBases:
        """The first generation: `carried`, which must be feasible, then random feasible bases."""
        count = self.config.population
        found = find_feasible_bases(self.space, rng, count, self.scalings, criteria=self.criteria)
        # The pool holds a base that fits, however rare those are.
        fitting = pool[meets_budget(self.space, pool, self.scalings, self.criteria)]
        return new_only(concatenate([carried, found, fitting]), set())[:count]

    def offspring(
        self, rng: np.random.Generator, parents: Population, known: frozenset[bytes]
    ) -> EncodedBases:
        """The next generation: feasible bases whose genotypes are not `known`.

        It is shorter than the population where the space holds no more (or hardly any) such bases.
        """
        count = self.config.population
        seen = set(known)
        born = parents.bases[:0]
        for _ in range(_TRIES):
            mothers, fathers = tournament(parents.fitness, rng, 2 * _CHILDREN * count).reshape(2, -1)
            children = crossover(
                parents.bases[mothers], parents.bases[fathers], rng, self.config.crossover_rate
            )
            children = mutate(self.space, children, rng, self.config.mutation_rate)
            feasible = children[meets_budget(self.space, children, self.scalings, self.criteria)]
            born = concatenate([born, new_only(feasible, seen)])
            if len(born) >= count:
                return born[:count]
        immigrants = find_feasible_bases(self.space, rng, count, self.scalings, _BATCHES, self.criteria)
        return concatenate([born, new_only(immigrants, seen)])[:count]
