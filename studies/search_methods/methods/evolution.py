"""Evolution of the (base, scaling) pairs of one scaling stage, with the score as fitness."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from scalenet_tf.costs.bases import encode, genotypes
from scalenet_tf.search.operators import crossover, mutate, ranking, tournament
from studies.search_methods.score_table import ScoreTable
from studies.search_methods.states import Option

PARAMETERS = tuple(
    {"population": population, "mutation": mutation} for population in (4, 8, 16) for mutation in (10, 25)
)
_TRIES = 32  # Children bred at once; the first new one is taken.


def evolve(
    table: ScoreTable, stage: int, parameters: dict[str, int], seed: int, score: Callable[[Option], float]
) -> Iterator[tuple[int, Option, float]]:
    """Steady-state evolution: a child of two parents, chosen by tournament, replaces the worst member.

    A child is bred by crossover and mutation and must be in the table; if no new child is found, a random
    pair is taken instead.

    Args:
      table: The table of scores.
      stage: Scaling stage.
      parameters: "population", and "mutation" in percent.
      seed: Seed of the evolution.
      score: Scores an option; called for every pair, known ones included.

    Yields:
      (index of the base, option, score), without end.
    """
    rng = np.random.default_rng([seed, stage])
    space, states = table.states.space, table.states
    encoded = encode(space, list(states.bases))
    numbers = {genotype: number for number, genotype in enumerate(genotypes(encoded))}
    able = [number for number, menus in enumerate(states.options) if menus[stage]]
    members: list[tuple[int, Option, float]] = []
    known: set[str] = set()

    def random_pair() -> tuple[int, Option]:
        base = int(rng.choice(able))
        menu = states.options[base][stage]
        return base, menu[rng.integers(len(menu))]

    def child() -> tuple[int, Option]:
        fitness = np.array([member[2] for member in members])
        mothers, fathers = tournament(fitness, rng, 2 * _TRIES).reshape(2, -1)
        rows = np.array([member[0] for member in members])
        born = crossover(encoded[rows[mothers]], encoded[rows[fathers]], rng, 0.5)
        born = mutate(space, born, rng, parameters["mutation"] / 100)
        for genotype, mother in zip(genotypes(born), mothers, strict=True):
            base = numbers.get(genotype)
            if base is None or not states.options[base][stage]:
                continue
            menu = states.options[base][stage]
            # Half of the time the mother's scaling, if the child may have it.
            kept = states.scaled[base][stage].get(members[mother][1].scaling)
            option = menu[rng.integers(len(menu))] if kept is None or rng.random() < 0.5 else kept
            if option.key not in known:
                return base, option
        return random_pair()

    while True:
        base, option = random_pair() if len(members) < parameters["population"] else child()
        known.add(option.key)
        triple = base, option, score(option)
        members.append(triple)
        kept = ranking(np.array([member[2] for member in members]))[: parameters["population"]]
        members = [members[n] for n in kept]
        yield triple
