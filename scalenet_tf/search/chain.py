"""The Markov chain of MCEA (paper, section 3.3): the algorithm alone, from the first batch to the last.

The chain is a generator. It yields a `CandidateBatch` and must be sent the scores, or yields a `State` and is
sent nothing. Every batch is a pure function of the problem and of the scores so far.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from scalenet_tf.costs.bases import EncodedBases, decode, encode, genotypes
from scalenet_tf.costs.macs import costs
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.sampling.feasible import fits_stage, meets_budget
from scalenet_tf.sampling.pool import Pool, draw_pool
from scalenet_tf.search.candidates import Candidate, CandidateBatch, Scores, candidates
from scalenet_tf.search.evolution import Breeder, Population
from scalenet_tf.search.halving import Generation, successive_halving
from scalenet_tf.search.operators import fitness, ranking
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.values import State
from scalenet_tf.search.warm_start import usable_start
from scalenet_tf.space import BaseArchitecture, Scaling
from scalenet_tf.utils.random_streams import RandomStream


class UnscorableError(ScaleNetError):
    """No base could be scored at each scaling stage, so that the chain has no first state."""


Chain = Generator[CandidateBatch | State, Scores, None]
Scalings = tuple[Scaling, ...]


def run_chain(problem: SearchProblem) -> Chain:
    """Runs the whole search: initial scalings, then the base and the scalings in turn.

    When the chain revisits a state, that state is the best of its neighbourhood, and the chain is restarted
    from random bases and scalings. It is too after a round of which no base could be scored, which has no
    state. It ends after `rounds` rounds, or at the revisit that follows the last of its `restarts`.

    Raises:
      ScaleNetError: If the stage weights or the warm start do not fit the space, if the space cannot meet
        its budgets, or if none of a round's bases can be scored before there is a state.
    """
    config = problem.config
    problem.stage_weights()  # Raises before anything is scored.
    start = usable_start(problem)
    pool = draw_pool(problem.space, problem.generator(RandomStream.POOL), problem.criteria, start.bases)
    scalings = start.scalings or (yield from _initial_scalings(problem, pool))
    # The other half of the first generation is new.
    elite = start.bases[: max(config.population // 2, 1)]
    visited: set[tuple[BaseArchitecture, Scalings]] = set()
    restarts = config.restarts
    for number in range(1, config.rounds + 1):
        base = yield from _evolve_base(problem, pool, number, elite, scalings)
        if base is None:
            if not visited:
                raise _unscorable(problem, number)
            elite, scalings = elite[:0], _random_scalings(problem, pool, number)
            continue
        elite = encode(problem.space, [base])
        state = yield from _choose_scalings(problem, number, base, scalings)
        scalings = state.scalings
        yield state
        if (base, scalings) in visited:
            if not restarts:
                return
            restarts -= 1
            elite = elite[:0]
            scalings = _random_scalings(problem, pool, number)
            continue
        visited.add((base, scalings))


def _unscorable(problem: SearchProblem, number: int) -> UnscorableError:
    stages = [stage for stage, weight in enumerate(problem.stage_weights()) if weight > 0]
    return UnscorableError(
        f"the search needs at least one base whose subnets of stages {stages} can all be scored; none of "
        f"round {number} could. Look at why evaluations fail (the trials' messages), then search again."
    )


def _random_scalings(problem: SearchProblem, pool: Pool, number: int) -> Scalings:
    """Returns random scalings that some base of the pool fits, for a restart after round `number`."""
    return pool.at(pool.choose_at_random(problem.generator(RandomStream.RESTART, number)))


def _initial_scalings(problem: SearchProblem, pool: Pool) -> Generator[CandidateBatch, Scores, Scalings]:
    """Scores each scaling by the mean over the first `start_bases` bases of the pool that it fits.

    With `start_bases=0` the scalings are random.
    """
    most = problem.config.start_bases
    if not most:
        return _random_scalings(problem, pool, 0)
    batch: list[Candidate] = []
    parts: dict[tuple[int, int], slice] = {}
    for stage, feasible in enumerate(pool.feasible[1:], start=1):
        fitting = feasible.sum(axis=1)
        needed = min(most, int(fitting.max()))
        for index in np.flatnonzero(fitting >= needed).tolist():
            parts[stage, index] = slice(len(batch), len(batch) + needed)
            bases = pool.bases[np.flatnonzero(feasible[index])[:needed]]
            batch += candidates(problem.space, stage, pool.scalings[stage][index], bases)
    scores = yield CandidateBatch("start", 0, 0, batch)
    means = [np.full(len(menu), np.nan) for menu in pool.scalings]
    for (stage, index), part in parts.items():
        means[stage][index] = fitness(scores[part], [1.0] * len(scores[part]))
    chosen = pool.choose_jointly([ranking(values).tolist() for values in means])
    if chosen is None:
        raise AssertionError("draw_pool has checked that the scalings can be met together")
    return pool.at(chosen)


def _evolve_base(
    problem: SearchProblem, pool: Pool, number: int, elite: EncodedBases, scalings: Scalings
) -> Generator[CandidateBatch, Scores, BaseArchitecture | None]:
    """Evolves the base under fixed scalings; each generation is scored by successive halving.

    No base is in two generations of a round: one that was dropped does not come back either.

    Args:
      problem: The search.
      pool: Feasible bases, for the initial population.
      number: Round of the search.
      elite: Bases to begin with. The first one reaches the last rung whatever its scores, so the fitness of
        the chain never falls until it is restarted.
      scalings: One scaling per scaling stage.

    Returns:
      The fittest base, or None if no base could be scored in all stages that count.
    """
    space, config, weights = problem.space, problem.config, problem.stage_weights()
    beyond_s0 = {stage: scaling for stage, scaling in enumerate(scalings) if stage}
    breeder = Breeder(problem, beyond_s0)
    # A base of a warm start may not fit the first scalings.
    elite = elite[meets_budget(space, elite, beyond_s0, problem.criteria)]
    known: frozenset[bytes] = frozenset()
    population = Population(encode(space, [])[:0], np.zeros(0))
    for generation in range(1, config.generations + 1):
        rng = problem.generator(RandomStream.EVOLUTION, number, generation)
        if generation == 1:
            bases, elites = breeder.initial_population(rng, pool.bases, elite), min(len(elite), 1)
        else:
            bases, elites = breeder.offspring(rng, population, known), 0
        known |= set(genotypes(bases))
        offspring = Generation(space, bases, scalings, weights, number, generation, elites)
        scored = yield from successive_halving(offspring, config.halving)
        population = population.with_offspring(*scored).best(config.population)
    return None if np.isnan(population.fitness[0]) else decode(space, population.bases[:1])[0]


def _choose_scalings(
    problem: SearchProblem, number: int, base: BaseArchitecture, current: Scalings
) -> Generator[CandidateBatch, Scores, State]:
    """Scores a base at every scaling that it fits, and keeps the best of each scaling stage.

    Args:
      problem: The search.
      number: Round of the search.
      base: Base architecture.
      current: Current scalings. They win ties.

    Returns:
      The new state of the chain.
    """
    space, weights = problem.space, problem.stage_weights()
    encoded = encode(space, [base])
    base_macs = costs(space, encoded, current[0])[:, 0]
    batch = candidates(space, 0, current[0], encoded, [base]) if weights[0] > 0 else []
    for stage in range(1, len(current)):
        networks: dict[bytes, Candidate] = {}
        for scaling in (current[stage], *space.menus[stage].scalings()):
            if fits_stage(space, encoded, base_macs, scaling, stage, problem.criteria)[0]:
                (candidate,) = candidates(space, stage, scaling, encoded, [base])
                networks.setdefault(candidate.phenotype, candidate)
        batch += networks.values()
    scored = list(zip(batch, (yield CandidateBatch("scalings", number, 0, batch)), strict=True))
    scalings = list(current)
    scores: Scores = [None] * len(current)
    for stage in range(len(current)):
        options = [
            (candidate.scaling, score) for candidate, score in scored if candidate.scaling_stage == stage
        ]
        if options:
            values = np.array([np.nan if score is None else score for _, score in options])
            scalings[stage], scores[stage] = options[ranking(values)[0]]
    macs = tuple(int(costs(space, encoded, scaling)[0, 0]) for scaling in scalings)
    return State(base, tuple(scalings), tuple(scores), macs, fitness(scores, weights), number)
