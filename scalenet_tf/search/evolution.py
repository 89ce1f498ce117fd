"""Generations of bases: all of them feasible, and none twice within a round."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, concatenate, new_only
from scalenet_tf.sampling.feasible import MAX_BATCHES, find_feasible_bases, meets_budget
from scalenet_tf.search.operators import crossover, mutate, ranking, tournament
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.space import Scaling

_BREEDING_ATTEMPTS = 16  # Batches of children before random bases fill up a generation.
_CHILDREN_PER_PLACE = 4  # Most children are infeasible or known.
_IMMIGRANT_BATCHES = 8  # Batches of random bases before a generation stays short.


@dataclass(frozen=True)
class Population:
    """Bases with their fitness.

    Attributes:
      bases: N bases.
      fitness: float64 [N], NaN for a base that could not be scored.
    """

    bases: EncodedBases
    fitness: np.ndarray

    def with_offspring(self, bases: EncodedBases, fitness: np.ndarray) -> Population:
        """Returns this population and its scored offspring together."""
        if not len(self.fitness):
            return Population(bases, fitness)
        return Population(concatenate([self.bases, bases]), np.concatenate([self.fitness, fitness]))

    def best(self, count: int) -> Population:
        """Returns the survivors of truncation selection, the best one first; of equals the older ones."""
        kept = ranking(self.fitness)[:count]
        return Population(self.bases[kept], self.fitness[kept])


@dataclass(frozen=True)
class Breeder:
    """Makes the generations of a round, under its scalings.

    Attributes:
      problem: The search.
      scalings: Scaling of each scaling stage beyond S0. Every base must meet their budgets.
    """

    problem: SearchProblem
    scalings: Mapping[int, Scaling]

    def initial_population(
        self, rng: np.random.Generator, pool: EncodedBases, elite: EncodedBases
    ) -> EncodedBases:
        """Returns the first generation.

        Args:
          rng: Source of randomness.
          pool: Bases within the budget of S0. Those that meet all budgets fill up the generation.
          elite: Feasible bases that come first.

        Returns:
          At most `population` different bases.
        """
        # The pool holds a base that fits, however rare they are.
        parts = [elite, self._random_bases(rng), self._feasible(pool)]
        return new_only(concatenate(parts), set())[: self.problem.config.population]

    def offspring(
        self, rng: np.random.Generator, parents: Population, known: frozenset[bytes]
    ) -> EncodedBases:
        """Returns the next generation.

        Args:
          rng: Source of randomness.
          parents: Scored bases, of which the better ones are chosen more often.
          known: Genotypes that must not appear again.

        Returns:
          `population` different feasible bases; fewer if the space has no more, or hardly any.
        """
        config, seen = self.problem.config, set(known)
        count = config.population
        born = parents.bases[:0]
        for _ in range(_BREEDING_ATTEMPTS):
            chosen = tournament(parents.fitness, rng, 2 * _CHILDREN_PER_PLACE * count)
            mothers, fathers = chosen.reshape(2, -1)
            children = crossover(parents.bases[mothers], parents.bases[fathers], rng, config.crossover_rate)
            children = mutate(self.problem.space, children, rng, config.mutation_rate)
            born = concatenate([born, new_only(self._feasible(children), seen)])
            if len(born) >= count:
                return born[:count]
        immigrants = self._random_bases(rng, _IMMIGRANT_BATCHES)
        return concatenate([born, new_only(immigrants, seen)])[:count]

    def _random_bases(self, rng: np.random.Generator, batches: int = MAX_BATCHES) -> EncodedBases:
        problem = self.problem
        count = problem.config.population
        return find_feasible_bases(problem.space, rng, count, self.scalings, batches, problem.criteria)

    def _feasible(self, bases: EncodedBases) -> EncodedBases:
        return bases[meets_budget(self.problem.space, bases, self.scalings, self.problem.criteria)]
