"""Generations of bases: all of them feasible, and no base twice in a round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, concatenate, new_only
from scalenet_tf.sampling.feasible import MAX_BATCHES, find_feasible_bases, meets_budget
from scalenet_tf.search.operators import crossover, mutate, ranking, tournament
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.space import Scaling

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

    problem: SearchProblem
    scalings: Mapping[int, Scaling]

    def founders(self, rng: np.random.Generator, pool: EncodedBases, carried: EncodedBases) -> EncodedBases:
        """The first generation: `carried`, which must be feasible, then random feasible bases."""
        count = self.problem.config.population
        found = self._random_bases(rng)
        # The pool holds a base that fits, however rare those are.
        fitting = self._feasible(pool)
        return new_only(concatenate([carried, found, fitting]), set())[:count]

    def offspring(
        self, rng: np.random.Generator, parents: Population, known: frozenset[bytes]
    ) -> EncodedBases:
        """The next generation: feasible bases whose genotypes are not `known`.

        It is shorter than the population where the space holds no more (or hardly any) such bases.
        """
        config = self.problem.config
        count = config.population
        seen = set(known)
        born = parents.bases[:0]
        for _ in range(_TRIES):
            mothers, fathers = tournament(parents.fitness, rng, 2 * _CHILDREN * count).reshape(2, -1)
            children = crossover(parents.bases[mothers], parents.bases[fathers], rng, config.crossover_rate)
            children = mutate(self.problem.space, children, rng, config.mutation_rate)
            born = concatenate([born, new_only(self._feasible(children), seen)])
            if len(born) >= count:
                return born[:count]
        return concatenate([born, new_only(self._random_bases(rng, _BATCHES), seen)])[:count]

    def _random_bases(self, rng: np.random.Generator, batches: int = MAX_BATCHES) -> EncodedBases:
        problem = self.problem
        return find_feasible_bases(
            problem.space, rng, problem.config.population, self.scalings, batches, problem.criteria
        )

    def _feasible(self, bases: EncodedBases) -> EncodedBases:
        return bases[meets_budget(self.problem.space, bases, self.scalings, self.problem.criteria)]
